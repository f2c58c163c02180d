import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import type {
  ClientRequests,
  ServerNotification,
  ThreadStartParams,
  Turn,
} from '../../lib/protocol/index.js';
import { ScriptedModel, type ScriptedAnswer } from '../../lib/testing/index.js';
import { ListeningServer, specTransport } from '../listening-server.js';
import { isAlive } from '../wire/eventually.js';
import { realPlan, temporaryHome } from '../transport/real-launch.js';

type TurnParams = Partial<ClientRequests['turn/start']['params']>;

/** A real codex app-server with a scripted model, its own home and its own working directory. */
export class RealSession {
  readonly model: ScriptedModel;
  readonly session: AppServerSession;
  readonly home: string;
  readonly directory: string;
  readonly #server: ListeningServer | null;
  readonly #remove: () => void;
  readonly #ended = new Map<string, Turn>();
  readonly #waiting = new Map<string, (turn: Turn) => void>();

  private constructor(
    model: ScriptedModel,
    session: AppServerSession,
    home: { readonly path: string } & Disposable,
    server: ListeningServer | null,
  ) {
    this.model = model;
    this.session = session;
    this.#server = server;
    this.home = home.path;
    this.directory = path.join(home.path, 'work');
    this.#remove = () => {
      home[Symbol.dispose]();
    };
    session.onNotification((notification) => {
      this.#receive(notification);
    });
  }

  /** Starts codex with more `-c` settings. */
  static async open(configOverrides: readonly string[] = []): Promise<RealSession> {
    const home = temporaryHome();
    mkdirSync(path.join(home.path, 'work'));
    const model = await ScriptedModel.start();
    // The agent's commands do not read the shell profile of the developer.
    const plan = realPlan(home.path, {
      environment: { PATH: process.env.PATH ?? '', HOME: home.path },
    });
    const provider = `{name="scripted",base_url="${model.baseUrl}",wire_api="responses",request_max_retries=0,stream_max_retries=0,supports_websockets=false}`;
    const settings = [
      ...plan.configOverrides,
      `model_providers.scripted=${provider}`,
      'model_provider="scripted"',
      'model="gpt-5.5"',
      ...configOverrides,
    ];
    const { environment } = plan;
    const server =
      specTransport === 'stdio'
        ? null
        : await ListeningServer.start(specTransport, { home: home.path, environment, settings });
    const session = await AppServerSession.open({
      ...plan,
      configOverrides: settings,
      ...(server === null ? {} : { transport: server.transport() }),
    });
    return new RealSession(model, session, home, server);
  }

  /** Starts a thread, and returns its id. */
  async thread(params: ThreadStartParams = {}): Promise<string> {
    const started = await this.session.request('thread/start', { cwd: this.directory, ...params });
    return started.thread.id;
  }

  /** Starts a turn whose model requests get these replies in order; returns its id. */
  async begin(
    threadId: string,
    replies: readonly ScriptedAnswer[],
    params: TurnParams = {},
  ): Promise<string> {
    const left = [...replies];
    this.model.replyWhen(
      (request) => request.threadId === threadId && left.length > 0,
      (request) => {
        const reply = left.shift()!;
        return typeof reply === 'function' ? reply(request) : reply;
      },
    );
    const { turn } = await this.session.request('turn/start', {
      threadId,
      input: [{ type: 'text', text: 'Go', text_elements: [] }],
      sandboxPolicy: {
        type: 'workspaceWrite',
        writableRoots: [],
        networkAccess: false,
        excludeTmpdirEnvVar: false,
        excludeSlashTmp: false,
      },
      ...params,
    });
    return turn.id;
  }

  /** The end of a turn, now or when it happens. */
  async end(turnId: string): Promise<Turn> {
    const ended = this.#ended.get(turnId);
    if (ended !== undefined) return ended;
    return new Promise((resolve) => this.#waiting.set(turnId, resolve));
  }

  /** Runs a turn to its end. */
  async run(
    threadId: string,
    replies: readonly ScriptedAnswer[],
    params: TurnParams = {},
  ): Promise<Turn> {
    return this.end(await this.begin(threadId, replies, params));
  }

  /** The results of tool calls in the last model request of a thread. */
  outputs(threadId: string): readonly string[] {
    const request = this.model.requests.findLast((made) => made.threadId === threadId);
    return request?.toolOutputs.map(({ text }) => text) ?? [];
  }

  /** Ends codex, and rejects if its process is still running. */
  async close(): Promise<void> {
    const pid = this.session.processId;
    await this.session.close();
    await this.#server?.kill();
    await this.model.close();
    this.#remove();
    if (isAlive(pid)) throw new Error(`Process ${pid ?? ''} is still there.`);
  }

  #receive(notification: ServerNotification): void {
    if (notification.method !== 'turn/completed') return;
    const { turn } = notification.params;
    this.#ended.set(turn.id, turn);
    this.#waiting.get(turn.id)?.(turn);
  }
}
