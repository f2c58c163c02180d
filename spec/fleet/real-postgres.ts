import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'pg';

/** A PostgreSQL of its own, in a directory of its own, reached over a socket in it. */
export class RealPostgres {
  readonly #server: ChildProcess;
  readonly #directory: string;

  private constructor(server: ChildProcess, directory: string) {
    this.#server = server;
    this.#directory = directory;
  }

  static async start(): Promise<RealPostgres> {
    const versions = '/usr/lib/postgresql';
    const [newest = ''] = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
    const binary = (name: string): string => join(versions, newest, 'bin', name);
    const directory = mkdtempSync(join(tmpdir(), 'codex-threads-pg-'));
    // PostgreSQL refuses to run as root.
    const user = process.getuid?.() === 0 ? { uid: id('-u'), gid: id('-g') } : {};
    if (user.uid !== undefined) chownSync(directory, user.uid, user.gid);
    const data = join(directory, 'data');
    const run = { ...user, cwd: directory };
    execFileSync(binary('initdb'), ['-D', data, '-U', 'spec', '-A', 'trust', '-E', 'UTF8', '-N'], {
      ...run,
      stdio: 'ignore',
    });
    const settings = [`unix_socket_directories=${directory}`, 'listen_addresses=', 'fsync=off'];
    const server = spawn(
      binary('postgres'),
      ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
      { ...run, stdio: 'ignore' },
    );
    const postgres = new RealPostgres(server, directory);
    await postgres.#answered();
    return postgres;
  }

  /** Connections to it; they are ended by whoever asks for them. */
  pool(options: { readonly user?: string; readonly max?: number } = {}): Pool {
    return new Pool({ host: this.#directory, user: 'spec', database: 'postgres', ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#server, 'exit');
    // At once, whatever is connected.
    this.#server.kill('SIGQUIT');
    await exited;
    rmSync(this.#directory, { recursive: true });
  }

  async #answered(): Promise<void> {
    const pool = this.pool();
    pool.on('error', () => undefined);
    for (;;)
      try {
        await pool.query('SELECT 1');
        await pool.end();
        return;
      } catch {
        await wait(50);
      }
  }
}

function id(option: '-u' | '-g'): number {
  return Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
}
