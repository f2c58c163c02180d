import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  Codex,
  WebSocketTransport,
  type AppServerTransport,
  type CodexOptionsRecord,
  type WebSocketOptionsRecord,
} from '../../lib/index.js';
import { ScriptedModel, TemporaryCodexHome } from '../../lib/testing/index.js';
import { BinaryLocator } from '../../lib/transport/binary-locator.js';
import { UnreliableLine } from './unreliable-line.js';

/** A real codex app-server that lives by itself: it listens on a WebSocket with a token, or on a Unix socket. */
export class ListeningCodex {
  readonly token = randomUUID();
  readonly model: ScriptedModel;
  readonly home: TemporaryCodexHome;
  readonly #clients: Codex[] = [];
  readonly #lines: UnreliableLine[] = [];
  #server: ChildProcessWithoutNullStreams | null = null;
  #url = '';

  private constructor(model: ScriptedModel, home: TemporaryCodexHome) {
    this.model = model;
    this.home = home;
  }

  static async start(): Promise<ListeningCodex> {
    const model = await ScriptedModel.start();
    const codex = new ListeningCodex(model, await TemporaryCodexHome.create());
    await codex.home.write('token', codex.token);
    await codex.home.write('auth.json', JSON.stringify({ OPENAI_API_KEY: 'spec-key-1234567890' }));
    await codex.listen();
    return codex;
  }

  /** The address of the WebSocket. */
  get url(): string {
    return this.#url;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  /** The number of the server's process. */
  get pid(): number {
    return this.#server?.pid ?? 0;
  }

  /** Starts the server, on the same port as before. */
  async listen(): Promise<void> {
    const address = this.#url === '' ? 'ws://127.0.0.1:0' : this.#url;
    const auth = [
      '--ws-auth',
      'capability-token',
      '--ws-token-file',
      join(this.home.path, 'token'),
    ];
    this.#server = this.#spawn(['--listen', address, ...auth]);
    this.#url = await printed(this.#server, /listening on: (\S+)/);
  }

  /** Kills the server in the middle of whatever it does. */
  async kill(): Promise<void> {
    await ended(this.#server);
  }

  /** One more client, over a WebSocket or what is given. */
  client({ transport = this.transport(), ...options }: CodexOptionsRecord = {}): Codex {
    const codex = new Codex({ transport, ...options });
    this.#clients.push(codex);
    return codex;
  }

  transport(options: Partial<WebSocketOptionsRecord> = {}): AppServerTransport {
    return new WebSocketTransport({ url: this.#url, token: this.token, ...options });
  }

  /** A line to the server that can be cut, and a transport over it. */
  async line(): Promise<UnreliableLine> {
    const line = await UnreliableLine.to(this.port);
    this.#lines.push(line);
    return line;
  }

  /** A second server on the same home, at a Unix socket of its own or at the one that codex-rs uses by default. */
  async listenOnSocket({ at = 'path' }: { readonly at?: 'path' | 'default' } = {}): Promise<
    { readonly path: string } & AsyncDisposable
  > {
    const names = at === 'path' ? ['spec.sock'] : ['app-server-control', 'app-server-control.sock'];
    const path = join(this.home.path, ...names);
    const server = this.#spawn(['--listen', at === 'path' ? `unix://${path}` : 'unix://']);
    await untilThere(path);
    return { path, [Symbol.asyncDispose]: async () => ended(server) };
  }

  /** Ends clients, server, model and home. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map(async (codex) => codex.close()));
    await Promise.all(this.#lines.map(async (line) => line.close()));
    await ended(this.#server);
    await this.model.close();
    await this.home.remove();
  }

  #spawn(args: readonly string[]): ChildProcessWithoutNullStreams {
    const environment = { ...process.env, HOME: this.home.path, CODEX_HOME: this.home.path };
    const { path: program, args: first } = new BinaryLocator({ environment }).locate();
    const settings = [
      `openai_base_url="${this.model.baseUrl}"`,
      'features.unbounded_connection_retries=false',
    ].flatMap((setting) => ['-c', setting]);
    return spawn(program, [...first, 'app-server', ...settings, ...args], {
      cwd: this.home.path,
      env: environment,
    });
  }
}

async function printed(server: ChildProcessWithoutNullStreams, words: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const read = (chunk: unknown): void => {
      text += String(chunk);
      const [, found] = words.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.once('exit', () => {
      reject(new Error(`The server ended: ${text}`));
    });
  });
}

async function ended(server: ChildProcessWithoutNullStreams | null): Promise<void> {
  if (server?.exitCode !== null || server.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    server.once('exit', () => {
      resolve();
    });
    server.kill('SIGKILL');
  });
}

async function untilThere(path: string): Promise<void> {
  const { existsSync } = await import('node:fs');
  const { setTimeout: wait } = await import('node:timers/promises');
  while (!existsSync(path)) await wait(10);
}
