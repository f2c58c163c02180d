import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settingsOf } from './contender.js';
import { benchDirectory } from './directories.js';
import { python } from './python-client.js';
import type { WorkerArguments, WorkerCommands, WorkerReply } from './worker-protocol.js';

const program = fileURLToPath(new URL('./worker.js', import.meta.url));
const pythonProgram = join(benchDirectory, 'worker.py');

/** A process that runs one contender. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #forget: () => Promise<void>;

  /** @param forget - called once the process has exited */
  constructor(
    args: WorkerArguments,
    environment: Readonly<Record<string, string>>,
    forget: () => Promise<void>,
  ) {
    const { contender, place } = args;
    const [command, file] =
      contender === 'Python client' ? [python, pythonProgram] : [process.execPath, program];
    const told = { contender, place: { ...place, settings: settingsOf(place) } };
    this.#child = spawn(command, [file, JSON.stringify(told)], {
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#forget = forget;
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends the worker a task; one task at a time. */
  async ask<Name extends keyof WorkerCommands>(
    command: Name,
    params: WorkerCommands[Name]['params'],
  ): Promise<WorkerCommands[Name]['result']> {
    this.#child.send({ command, params });
    const ended = new AbortController();
    const reply = (await Promise.race([
      once(this.#child, 'message', { signal: ended.signal }).then(
        ([message]) => message as unknown,
      ),
      once(this.#child, 'exit', { signal: ended.signal }).then(() => ({
        error: 'The worker exited.',
      })),
    ]).finally(() => {
      ended.abort();
    })) as WorkerReply;
    if (reply.error !== undefined)
      throw new Error(`The worker failed at ${command}: ${reply.error}`);
    return reply.result as WorkerCommands[Name]['result'];
  }

  /** Ends the contender's client, then the process. */
  async close(): Promise<void> {
    await this.ask('close', {});
    await this.end();
  }

  /** Kills the process; codex-rs exits when its standard input closes. */
  async end(): Promise<void> {
    if (!this.#child.connected) return;
    const exit = once(this.#child, 'exit');
    this.#child.disconnect();
    await exit;
    await this.#forget();
  }
}
