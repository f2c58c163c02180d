import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, Pool } from 'pg';
import { freePort } from './free-port.js';

const run = promisify(execFile);

/** A separate Postgres server, which can be stopped and restarted. */
export class PostgresServer {
  readonly port: number;
  readonly #directory: string;
  readonly #user: User | null;
  #process: ChildProcess | null = null;

  private constructor(port: number, directory: string, user: User | null) {
    this.port = port;
    this.#directory = directory;
    this.#user = user;
  }

  static async start(): Promise<PostgresServer> {
    // Postgres refuses to run as root.
    const user = process.getuid?.() === 0 ? await userNamed('nobody') : null;
    const directory = await mkdtemp(join(tmpdir(), 'fleet-postgres-'));
    await chmod(directory, 0o700);
    if (user !== null) await chown(directory, user.uid, user.gid);
    const settings = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-sync'];
    await run(program('initdb'), [...settings, '-D', directory], { ...user, cwd: directory });
    const server = new PostgresServer(await freePort(), directory, user);
    await server.up();
    return server;
  }

  /** The address of one of its databases, through the port of a line if one is given. */
  url(database = 'postgres', port = this.port): string {
    return `postgres://postgres@127.0.0.1:${port}/${database}`;
  }

  /** Connections to it, which the caller must end. */
  pool(options: { readonly user?: string; readonly max?: number } = {}): Pool {
    const place = { host: '127.0.0.1', port: this.port, database: 'postgres' };
    return new Pool({ ...place, user: 'postgres', ...options });
  }

  /** Starts the server, and resolves once it responds. */
  async up(): Promise<void> {
    const settings = ['fsync=off', 'max_connections=200', `unix_socket_directories=`];
    const args = ['-D', this.#directory, '-h', '127.0.0.1', '-p', String(this.port)];
    this.#process = spawn(program('postgres'), [...args, ...settings.flatMap((s) => ['-c', s])], {
      ...this.#user,
      cwd: this.#directory,
      stdio: 'ignore',
    });
    while (!(await this.#answers())) await pause(50);
  }

  /** Stops the server and all connections immediately. Committed data is kept. */
  async down(): Promise<void> {
    if (this.#process === null) return;
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGQUIT');
    this.#process = null;
    await exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await rm(this.#directory, { recursive: true });
  }

  async #answers(): Promise<boolean> {
    const client = new Client({ connectionString: this.url() });
    client.on('error', () => undefined);
    return client.connect().then(
      async () => client.end().then(() => true),
      () => false,
    );
  }
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

async function userNamed(name: string): Promise<User> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => run('id', [flag, name])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

/** The path of a program of Postgres: in the PATH, or in the location of Debian. */
function program(name: string): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const places = [
    ...(process.env.PATH ?? '').split(':'),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return places.map((place) => join(place, name)).find((file) => existsSync(file)) ?? name;
}
