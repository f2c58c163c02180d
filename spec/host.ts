import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { OfflineCodex } from './offline-codex.js';

/** The report of a {@link Host} about a turn. */
export interface Ran {
  readonly threadId: string;
  readonly finalResponse: string;
  readonly continuation: string;
  readonly origin: string;
}

interface Reply {
  readonly value?: unknown;
  readonly error?: Readonly<Record<string, unknown>>;
}

/** A Node process with its own `Codex`, which executes commands. */
export class Host {
  readonly #process: ChildProcess;

  constructor({ options }: OfflineCodex) {
    this.#process = fork(resolve('fixtures/programs/takes-orders.mjs'), [JSON.stringify(options)], {
      env: { ...process.env, HOME: options.env?.HOME },
    });
  }

  async order(order: string, details: object = {}): Promise<unknown> {
    const { value, error } = await this.#emit(order, details);
    if (error !== undefined) throw new Error(`${order}: ${JSON.stringify(error)}`);
    return value;
  }

  async refusal(order: string, details: object = {}): Promise<Reply['error']> {
    return (await this.#emit(order, details)).error;
  }

  async run(input: string, options: object = {}): Promise<Ran> {
    return (await this.order('run', { input, options })) as Ran;
  }

  /** Exits immediately, without cleanup. */
  async kill(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  async #emit(order: string, details: object): Promise<Reply> {
    const answer = once(this.#process, 'message');
    this.#process.send({ order, ...details });
    return ((await answer) as [Reply])[0];
  }
}
