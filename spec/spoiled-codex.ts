import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BinaryLocator } from '../lib/app-server/binary-locator.js';
import type { CodexOptionsRecord } from '../lib/index.js';
import type { OfflineCodex } from './offline-codex.js';

/** The real codex-rs behind a program that spoils what only a process can spoil: `fixtures/programs/spoiled-codex.mjs`. */
export class SpoiledCodex {
  /** The options of a client that starts it. */
  readonly options: Required<Pick<CodexOptionsRecord, 'codexPath' | 'env'>>;
  readonly #order: string;

  constructor(offline: OfflineCodex) {
    const { path, args } = new BinaryLocator({
      codexPath: undefined,
      environment: process.env,
    }).locate();
    this.#order = join(offline.home.path, 'spoiled-codex.json');
    this.options = {
      codexPath: resolve('fixtures/programs/spoiled-codex.mjs'),
      env: {
        ...offline.environment,
        SPOILED_CODEX_COMMAND: JSON.stringify([path, ...args]),
        SPOILED_CODEX_ORDER: this.#order,
      },
    };
  }

  /** Spoils the next line, in either direction, that contains `at`; the rest happens in the order it is written in. */
  at(at: string, acts: SpoilingActs): void {
    writeFileSync(this.#order, JSON.stringify({ at, ...acts }));
  }

  /** Whether the line has come. */
  get hasHappened(): boolean {
    return !existsSync(this.#order);
  }
}

/** What happens at a line. */
export interface SpoilingActs {
  /** So many bytes on standard error. */
  readonly flood?: number;
  /** Text on standard output, which need not be a line. */
  readonly write?: string;
  /** From now on every byte is written on its own. */
  readonly bytewise?: true;
  /** The end of standard output; the process lives on. */
  readonly close?: true;
  /** The end of the process, with this code. */
  readonly exit?: number;
  /** Its end by SIGKILL. */
  readonly kill?: true;
}
