import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { UnixSocketTransport, WebSocketTransport, type AppServerTransport } from '../lib/index.js';
import type { WebSocketOptionsRecord } from '../lib/index.js';
import { BinaryLocator } from '../lib/transport/binary-locator.js';
import { processesThatStay } from './root-hooks.js';
import { killed, printed } from './server-process.js';

/**
 * How the specs connect to the real codex-rs: `stdio`, one process per client; or a server on a `websocket` or `unix`
 * socket.
 */
export const { CODEX_THREADS_SPEC_TRANSPORT: specTransport = 'stdio' } = process.env;

/** The location of a {@link ListeningServer}, and its configuration. */
export interface ServerPlace {
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Lines of configuration. */
  readonly settings: readonly string[];
}

/** A real external codex app-server: listens on a WebSocket with a token, or on a Unix socket. */
export class ListeningServer {
  readonly #process: ChildProcess;
  readonly #transport: (options: Partial<WebSocketOptionsRecord>) => AppServerTransport;
  /** The URL of the WebSocket, or the path of the socket. */
  readonly address: string;

  private constructor(
    process: ChildProcess,
    address: string,
    transport: (options: Partial<WebSocketOptionsRecord>) => AppServerTransport,
  ) {
    this.#process = process;
    this.#transport = transport;
    this.address = address;
    if (process.pid !== undefined) processesThatStay.add(process.pid);
  }

  /** Starts a server of either kind. */
  static async start(way: string, place: ServerPlace): Promise<ListeningServer> {
    if (way === 'websocket') return ListeningServer.onWebSocket(place);
    if (way === 'unix')
      return ListeningServer.onSocket(place, join(place.home, `${randomUUID().slice(0, 8)}.sock`));
    throw new Error(`A server cannot listen on ${way}: say websocket or unix.`);
  }

  /** Listens on a local WebSocket, with its own token. */
  static async onWebSocket(
    place: ServerPlace,
    { url = 'ws://127.0.0.1:0', token = randomUUID() } = {},
  ): Promise<ListeningServer> {
    const file = join(place.home, 'token');
    writeFileSync(file, token);
    const auth = ['--ws-auth', 'capability-token', '--ws-token-file', file];
    const server = started(place, ['--listen', url, ...auth]);
    const address = await printed(server, /listening on: (\S+)/);
    return new ListeningServer(
      server,
      address,
      (options) => new WebSocketTransport({ url: address, token, ...options }),
    );
  }

  /** Listens on a Unix socket: at `path`, or at the default path of codex-rs. */
  static async onSocket(place: ServerPlace, path?: string): Promise<ListeningServer> {
    const address = path ?? join(place.home, 'app-server-control', 'app-server-control.sock');
    const server = started(place, ['--listen', path === undefined ? 'unix://' : `unix://${path}`]);
    while (!existsSync(address)) await wait(10);
    return new ListeningServer(server, address, () => new UnixSocketTransport({ path: address }));
  }

  /** The process id. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** A transport to the server. */
  transport(options: Partial<WebSocketOptionsRecord> = {}): AppServerTransport {
    return this.#transport(options);
  }

  /** Kills the server, regardless of its state. */
  async kill(): Promise<void> {
    await killed(this.#process);
  }
}

function started(
  { home, environment, settings }: ServerPlace,
  args: readonly string[],
): ChildProcess {
  const { path: program, args: first } = new BinaryLocator({
    environment: { ...process.env, ...environment },
  }).locate();
  const lines = settings.flatMap((setting) => ['-c', setting]);
  return spawn(program, [...first, 'app-server', ...lines, ...args], {
    cwd: home,
    env: { ...environment, CODEX_HOME: home },
  });
}
