import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type {
  ServerNotification,
  ThreadItem,
  ThreadStartResponse,
  Turn,
  TurnStartResponse,
} from '../../../lib/protocol/index.js';
import { TemporaryCodexHome, type ScriptedModel } from '../../../lib/testing/index.js';

type Method = ServerNotification['method'];
type Params<M extends Method> = { [N in ServerNotification as N['method']]: N['params'] }[M];
type Item<T extends ThreadItem['type']> = Extract<ThreadItem, { type: T }>;

/** A request of the server; the raw client declines them all. */
export interface RawServerRequest {
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A minimal client of a real codex app-server: specs of the test kit must not depend on the library under test. */
export class RawAppServer {
  readonly home: TemporaryCodexHome;
  readonly serverRequests: RawServerRequest[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #notifications: ServerNotification[] = [];
  readonly #pending = new Map<number, (reply: Reply) => void>();
  readonly #watchers = new Set<(notification: ServerNotification) => void>();
  #nextId = 0;

  private constructor(home: TemporaryCodexHome, child: ChildProcessWithoutNullStreams) {
    this.home = home;
    this.#child = child;
  }

  /** Starts codex in a separate home and logs in with a test key. */
  static async start(...settings: string[]): Promise<RawAppServer> {
    const binary = codexBinary();
    const home = await TemporaryCodexHome.create();
    const all = ['cli_auth_credentials_store="ephemeral"', 'model="gpt-5.5"', ...settings];
    const child = spawn(binary, ['app-server', ...all.flatMap((setting) => ['-c', setting])], {
      env: { PATH: process.env.PATH, HOME: home.path, CODEX_HOME: home.path },
    });
    const server = new RawAppServer(home, child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      server.#receive(JSON.parse(line) as Reply | RawServerRequest | ServerNotification);
    });
    child.stderr.resume();
    child.once('exit', () => {
      for (const [id, settle] of server.#pending) settle({ id, error: 'the process ended' });
    });
    try {
      await server.#shakeHands();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Whether the process is running. */
  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async call(method: string, params: object): Promise<unknown> {
    const id = this.#nextId++;
    const answer = new Promise<Reply>((resolve) => this.#pending.set(id, resolve));
    this.#write({ id, method, params });
    const { error, result } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** Starts a thread whose built-in provider is the scripted model. */
  async startThread(model: ScriptedModel, params: object = {}): Promise<string> {
    return this.#startThread({ config: { openai_base_url: model.baseUrl }, ...params });
  }

  /** Starts a thread with a provider that never retries, so that failures show immediately. */
  async startImpatientThread(model: ScriptedModel): Promise<string> {
    const provider = {
      name: 'impatient',
      base_url: model.baseUrl,
      wire_api: 'responses',
      requires_openai_auth: true,
      request_max_retries: 0,
      stream_max_retries: 0,
    };
    return this.#startThread({
      modelProvider: 'impatient',
      config: { 'model_providers.impatient': provider },
    });
  }

  /** Starts a turn and returns its id, without waiting for its end. */
  async startTurn(threadId: string, text: string, params: object = {}): Promise<string> {
    const answer = await this.call('turn/start', {
      threadId,
      input: [{ type: 'text', text }],
      ...params,
    });
    return (answer as TurnStartResponse).turn.id;
  }

  /** The turn of `turn/completed`, now or when it arrives. */
  async turnEnd(turnId: string): Promise<Turn> {
    const { turn } = await this.notification(
      'turn/completed',
      (params) => params.turn.id === turnId,
    );
    return turn;
  }

  /** Runs a turn to its end. */
  async runTurn(threadId: string, text: string, params: object = {}): Promise<Turn> {
    return this.turnEnd(await this.startTurn(threadId, text, params));
  }

  /** The first notification that matches, now or when it arrives. */
  async notification<M extends Method>(
    method: M,
    matches: (params: Params<M>) => boolean = () => true,
  ): Promise<Params<M>> {
    const present = this.received(method).find(matches);
    if (present !== undefined) return present;
    return new Promise((resolve) => {
      const watch = (notification: ServerNotification): void => {
        const [params] = paramsOf([notification], method).filter(matches);
        if (params === undefined) return;
        this.#watchers.delete(watch);
        resolve(params);
      };
      this.#watchers.add(watch);
    });
  }

  /** All notifications of one method so far. */
  received<M extends Method>(method: M): Params<M>[] {
    return paramsOf(this.#notifications, method);
  }

  /** All completed items of one type so far. */
  completed<T extends ThreadItem['type']>(type: T): Item<T>[] {
    return this.received('item/completed')
      .map(({ item }) => item)
      .filter((item): item is Item<T> => item.type === type);
  }

  /** The texts of the thread's completed agent messages. */
  answersIn(threadId: string): string[] {
    return this.received('item/completed')
      .filter((params) => params.threadId === threadId)
      .flatMap(({ item }) => (item.type === 'agentMessage' ? [item.text] : []));
  }

  /** The deltas of the turn's agent messages. */
  deltasOf(turnId: string): string[] {
    return this.received('item/agentMessage/delta')
      .filter((params) => params.turnId === turnId)
      .map(({ delta }) => delta);
  }

  /** Ends the process and removes its home; resolves after the process has exited. */
  async [Symbol.asyncDispose](): Promise<void> {
    const exited = this.isRunning ? once(this.#child, 'exit') : null;
    this.#child.stdin.end();
    await exited;
    await this.home.remove();
  }

  async #shakeHands(): Promise<void> {
    await this.call('initialize', {
      clientInfo: { name: 'kit-spec', version: '0', title: null },
      capabilities: { experimentalApi: true },
    });
    this.#write({ method: 'initialized' });
    await this.call('account/login/start', { type: 'apiKey', apiKey: 'test-key' });
  }

  async #startThread(params: object): Promise<string> {
    const answer = await this.call('thread/start', { cwd: this.home.path, ...params });
    return (answer as ThreadStartResponse).thread.id;
  }

  #write(message: object): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #receive(message: Reply | RawServerRequest | ServerNotification): void {
    if (!('method' in message)) {
      this.#pending.get(message.id)?.(message);
      this.#pending.delete(message.id);
      return;
    }
    if ('id' in message) {
      this.serverRequests.push(message);
      this.#write({ id: message.id, result: { decision: 'decline' } });
      return;
    }
    this.#notifications.push(message);
    for (const watch of [...this.#watchers]) watch(message);
  }
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: unknown;
}

function paramsOf<M extends Method>(
  notifications: readonly ServerNotification[],
  method: M,
): Params<M>[] {
  return notifications
    .filter((notification) => notification.method === method)
    .map(({ params }) => params as Params<M>);
}

function codexBinary(): string {
  const codex = createRequire(join(process.cwd(), 'package.json')).resolve(
    '@openai/codex/package.json',
  );
  const platform = createRequire(codex).resolve(
    `@openai/codex-${process.platform}-${process.arch}/package.json`,
  );
  const vendor = join(dirname(platform), 'vendor');
  const [target = ''] = readdirSync(vendor);
  return join(vendor, target, 'bin', process.platform === 'win32' ? 'codex.exe' : 'codex');
}
