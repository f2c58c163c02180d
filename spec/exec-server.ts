import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryLocator } from '../lib/transport/binary-locator.js';
import { processesThatStay } from './root-hooks.js';
import { killed, printed } from './server-process.js';

/** A real `codex exec-server` on this machine, whose commands have its own variable `PLACE`. */
export class ExecServer {
  readonly #process: ChildProcess;
  /** Its WebSocket address. */
  readonly url: string;
  /** The directory that it was started in. */
  readonly directory: string;

  private constructor(process: ChildProcess, url: string, directory: string) {
    this.#process = process;
    this.url = url;
    this.directory = directory;
    if (process.pid !== undefined) processesThatStay.add(process.pid);
  }

  /** Starts one in its own directory under `home`. */
  static async start(
    home: string,
    name = 'far',
    { port = 0, args = [] }: { readonly port?: number; readonly args?: readonly string[] } = {},
  ): Promise<ExecServer> {
    const [directory, ownHome] = [join(home, name), join(home, `${name}-home`)];
    for (const path of [directory, ownHome]) mkdirSync(path, { recursive: true });
    const { path: program, args: first } = new BinaryLocator({
      environment: process.env,
    }).locate();
    const listen = ['exec-server', '--listen', `ws://127.0.0.1:${port}`];
    const server = spawn(program, [...first, ...listen, ...args], {
      cwd: directory,
      env: { ...process.env, HOME: ownHome, CODEX_HOME: ownHome, PLACE: name },
    });
    const url = await printed(server, /(ws:\/\/\S+)/);
    return new ExecServer(server, url, directory);
  }

  /** Kills it, regardless of its state. */
  async stop(): Promise<void> {
    await killed(this.#process);
  }
}
