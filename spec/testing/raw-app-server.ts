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
} from '../../lib/protocol/index.js';
import { TemporaryCodexHome, type ScriptedModel } from '../../lib/testing/index.js';

type Method = ServerNotification['method'];
type Params<M extends Method> = { [N in ServerNotification as N['method']]: N['params'] }[M];
type Item<T extends ThreadItem['type']> = Extract<ThreadItem, { type: T }>;

/** The smallest client of a real codex app-server: specs of the test kit must not depend on the library they will test. */
export class RawAppServer {
  readonly home: TemporaryCodexHome;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #notifications: ServerNotification[] = [];
  readonly #pending = new Map<number, (reply: Reply) => void>();
  readonly #watchers = new Set<(notification: ServerNotification) => void>();
  #nextId = 0;

  private constructor(home: TemporaryCodexHome, child: ChildProcessWithoutNullStreams) {
    this.home = home;
    this.#child = child;
  }

  /** Starts codex with its built-in provider pointed at the scripted model, and logs in with a test key. */
  static async start(model: ScriptedModel, extraArguments: string[] = []): Promise<RawAppServer> {
    const home = await TemporaryCodexHome.create();
    const settings = [
      `openai_base_url="${model.baseUrl}"`,
      'cli_auth_credentials_store="ephemeral"',
      'model="gpt-5.5"',
    ];
    const child = spawn(
      codexBinary(),
      ['app-server', ...settings.flatMap((setting) => ['-c', setting]), ...extraArguments],
      { env: { PATH: process.env['PATH'], HOME: home.path, CODEX_HOME: home.path } },
    );
    const server = new RawAppServer(home, child);
    createInterface({ input: child.stdout }).on('line', (line) => {
      server.#receive(JSON.parse(line) as Reply | ServerNotification);
    });
    child.stderr.resume();
    await server.call('initialize', {
      clientInfo: { name: 'kit-spec', version: '0', title: null },
      capabilities: { experimentalApi: true },
    });
    server.#write({ method: 'initialized' });
    await server.call('account/login/start', { type: 'apiKey', apiKey: 'test-key' });
    return server;
  }

  async call(method: string, params: object): Promise<unknown> {
    const id = this.#nextId++;
    const answer = new Promise<Reply>((resolve) => this.#pending.set(id, resolve));
    this.#write({ id, method, params });
    const { error, result } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  async startThread(params: object = {}): Promise<string> {
    const answer = await this.call('thread/start', { cwd: this.home.path, ...params });
    return (answer as ThreadStartResponse).thread.id;
  }

  /** Starts a turn and gives its id, without waiting for its end. */
  async startTurn(threadId: string, text: string, params: object = {}): Promise<string> {
    const answer = await this.call('turn/start', {
      threadId,
      input: [{ type: 'text', text }],
      ...params,
    });
    return (answer as TurnStartResponse).turn.id;
  }

  /** Gives the turn of `turn/completed`, now or when it comes. */
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

  /** The first notification that matches: one that came already, or one that comes. */
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

  /** All notifications of one method that have come so far. */
  received<M extends Method>(method: M): Params<M>[] {
    return paramsOf(this.#notifications, method);
  }

  /** All completed items of one type that have come so far. */
  completed<T extends ThreadItem['type']>(type: T): Item<T>[] {
    return this.received('item/completed')
      .map(({ item }) => item)
      .filter((item): item is Item<T> => item.type === type);
  }

  /** Ends the process and removes its home; the process is gone afterwards. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isRunning = this.#child.exitCode === null && this.#child.signalCode === null;
    const exited = isRunning ? once(this.#child, 'exit') : null;
    this.#child.stdin.end();
    await exited;
    await this.home.remove();
  }

  #write(message: object): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #receive(message: Reply | ServerNotification): void {
    if ('id' in message) {
      this.#pending.get(message.id)?.(message);
      this.#pending.delete(message.id);
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
