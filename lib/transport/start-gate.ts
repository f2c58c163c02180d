import { randomUUID } from 'node:crypto';
import { readFile, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../shapes.js';
import { timers } from '../timers.js';
import { fateOf, thisHost } from './host-process.js';
import { pause } from '../pause.js';

const lockName = 'codex-threads-start.lock';
const abandonedMs = 60_000;

/**
 * Lets one process start at a time per CODEX_HOME, across host processes. Concurrent starts on a new home wait for each
 * other's migrations, conflict over files, and can fail with "database is locked".
 *
 * This is a courtesy, not a lock to rely on: after a timeout, or if the home is not writable, the start proceeds
 * anyway.
 */
export class StartGate {
  readonly #file: string;

  /** @param home - the CODEX_HOME */
  constructor(home: string) {
    this.#file = path.join(home, lockName);
  }

  /** Waits for its turn, up to this time. Resolves with a function that admits the next start. */
  async enter(waitMs: number, signal?: AbortSignal): Promise<() => Promise<void>> {
    const deadline = timers.performance.now() + waitMs;
    const ticket = JSON.stringify({ host: await thisHost(), ticket: randomUUID() });
    for (;;) {
      signal?.throwIfAborted();
      const outcome = await this.#take(ticket);
      if (outcome === 'taken') return async () => this.#leave(ticket);
      if (outcome === 'impossible' || timers.performance.now() >= deadline)
        return async () => Promise.resolve();
      if (await this.#isAbandoned()) await unlink(this.#file).catch(() => undefined);
      else await pause(10 + Math.random() * 20, signal);
    }
  }

  async #take(ticket: string): Promise<'taken' | 'busy' | 'impossible'> {
    try {
      await writeFile(this.#file, ticket, { flag: 'wx', mode: 0o600 });
      return 'taken';
    } catch (error) {
      const code = codeOf(error);
      return code === 'EEXIST' ? 'busy' : 'impossible';
    }
  }

  async #leave(ticket: string): Promise<void> {
    const current = await readFile(this.#file, 'utf8').catch(() => '');
    if (current === ticket) await unlink(this.#file).catch(() => undefined);
  }

  /** Whether the owner has exited. An owner on another machine cannot be checked, so the age of the file decides. */
  async #isAbandoned(): Promise<boolean> {
    try {
      const { mtimeMs } = await stat(this.#file);
      if (timers.Date.now() - mtimeMs > abandonedMs) return true;
      const { host } = JSON.parse(await readFile(this.#file, 'utf8')) as { host?: unknown };
      const fate = await fateOf(host);
      return fate === 'dead' || fate === 'rebooted';
    } catch {
      // Removed meanwhile, or just being written.
      return false;
    }
  }
}
