import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  Codex,
  type AppServerTransport,
  type CodexOptionsRecord,
  type WebSocketOptionsRecord,
} from '../../lib/index.js';
import { ScriptedModel, TemporaryCodexHome } from '../../lib/testing/index.js';
import { ListeningServer, type ServerPlace } from '../listening-server.js';
import { UnreliableLine } from './unreliable-line.js';

/** A real external codex app-server, with a scripted model and any number of clients. */
export class ListeningCodex {
  readonly token = randomUUID();
  readonly model: ScriptedModel;
  readonly home: TemporaryCodexHome;
  readonly #clients: Codex[] = [];
  readonly #lines: UnreliableLine[] = [];
  #server: ListeningServer | null = null;

  private constructor(model: ScriptedModel, home: TemporaryCodexHome) {
    this.model = model;
    this.home = home;
  }

  static async start(): Promise<ListeningCodex> {
    const model = await ScriptedModel.start();
    const codex = new ListeningCodex(model, await TemporaryCodexHome.create());
    await codex.home.write('auth.json', JSON.stringify({ OPENAI_API_KEY: 'spec-key-1234567890' }));
    await codex.listen();
    return codex;
  }

  /** The URL of the WebSocket. */
  get url(): string {
    return this.#listening.address;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The server's process id. */
  get pid(): number {
    return this.#listening.pid;
  }

  /** Starts the server, on the same port as before. */
  async listen(): Promise<void> {
    const { token } = this;
    const url = this.#server?.address;
    this.#server = await ListeningServer.onWebSocket(this.#place, { url, token });
  }

  /** Kills the server, regardless of its state. */
  async kill(): Promise<void> {
    await this.#server?.kill();
  }

  /** Another client, over a WebSocket or the given transport. */
  client({ transport = this.transport(), ...options }: CodexOptionsRecord = {}): Codex {
    const codex = new Codex({ transport, ...options });
    this.#clients.push(codex);
    return codex;
  }

  transport(options: Partial<WebSocketOptionsRecord> = {}): AppServerTransport {
    return this.#listening.transport(options);
  }

  /** A proxy to the server whose connections can be cut, and a transport over it. */
  async line(): Promise<UnreliableLine> {
    const line = await UnreliableLine.to(this.port);
    this.#lines.push(line);
    return line;
  }

  /** A second server on the same home, at its own Unix socket or at the default one of codex-rs. */
  async listenOnSocket({ at = 'path' }: { readonly at?: 'path' | 'default' } = {}): Promise<
    { readonly path: string } & AsyncDisposable
  > {
    const path = at === 'path' ? join(this.home.path, 'spec.sock') : undefined;
    const server = await ListeningServer.onSocket(this.#place, path);
    return { path: server.address, [Symbol.asyncDispose]: async () => server.kill() };
  }

  /** Ends clients, server, model and home. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map(async (codex) => codex.close()));
    await Promise.all(this.#lines.map(async (line) => line.close()));
    await this.kill();
    await this.model.close();
    await this.home.remove();
  }

  get #listening(): ListeningServer {
    if (this.#server === null) throw new Error('The server has not been started.');
    return this.#server;
  }

  get #place(): ServerPlace {
    const home = this.home.path;
    const settings = [
      `openai_base_url="${this.model.baseUrl}"`,
      'features.unbounded_connection_retries=false',
    ];
    return { home, settings, environment: { ...process.env, HOME: home } };
  }
}
