import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.js';

/** A separate Redis server, which stores nothing on disk. */
export class RedisServer {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #directory: string;

  private constructor(port: number, process: ChildProcess, directory: string) {
    this.port = port;
    this.#process = process;
    this.#directory = directory;
  }

  static async start(): Promise<RedisServer> {
    const port = await freePort();
    const directory = await mkdtemp(join(tmpdir(), 'fleet-redis-'));
    const settings = ['--save', '', '--appendonly', 'no', '--dir', directory];
    const args = ['--port', String(port), '--bind', '127.0.0.1', ...settings];
    const process = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of process.stdout) {
      if (String(line).includes('Ready to accept connections')) break;
    }
    process.stdout.resume();
    return new RedisServer(port, process, directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
    await rm(this.#directory, { recursive: true });
  }
}
