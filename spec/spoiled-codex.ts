import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BinaryLocator } from '../lib/transport/binary-locator.js';
import type { CodexOptionsRecord } from '../lib/index.js';
import type { OfflineCodex } from './offline-codex.js';

/** The real codex-rs behind `fixtures/programs/spoiled-codex.mjs`, for faults of a process. */
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

  /** Carries out the acts, in their order, just before the next line in either direction that contains `at`. */
  at(at: string, acts: SpoilingActs): void {
    writeFileSync(this.#order, JSON.stringify({ at, ...acts }));
  }

  /** Whether the acts have been carried out. */
  get isResolved(): boolean {
    return !existsSync(this.#order);
  }
}

/** The faults of a {@link SpoiledCodex}. */
export interface SpoilingActs {
  /** Writes this number of bytes to standard error. */
  readonly flood?: number;
  /** Writes this text, which need not be a whole line, to standard output. */
  readonly write?: string;
  /** Writes every byte separately from now on. */
  readonly bytewise?: true;
  /** Closes standard output; the process keeps running. */
  readonly close?: true;
  /** Ends the process with this code. */
  readonly exit?: number;
  /** Kills the process by SIGKILL. */
  readonly kill?: true;
}
