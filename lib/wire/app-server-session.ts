import { TransportError } from '../errors.js';
import type {
  ClientRequests,
  InitializeResponse,
  ServerNotification,
  ServerRequest,
} from '../protocol/index.js';
import type { Redactor } from '../redaction.js';
import type { WarningMessage } from '../telemetry/messages.js';
import type { ServerOwnership } from '../transport/app-server-transport.js';
import type { Connection } from '../transport/connection.js';
import { startFailure } from '../transport/start-failure.js';
import { StdioTransport } from '../transport/stdio-transport.js';
import { codexVersionIn } from '../version.js';
import type { SentCallOptions } from './call-limits.js';
import { guarded } from './guarded.js';
import { handshake } from './handshake.js';
import { JsonRpcPeer } from './json-rpc-peer.js';
import { readOnlyMethods } from './method-kinds.js';
import { NotificationRouter, type NotificationListener } from './notification-router.js';
import { ServerRequestDispatcher, type ServerRequestHandler } from './server-request-dispatcher.js';
import { SessionCalls } from './session-calls.js';
import { SessionNotices } from './session-notices.js';
import type { SessionPlan } from './session-plan.js';
import { until, type Wait, type WaitEnd } from './until.js';

/** One codex app-server process, from its handshake to its end. What comes after its end is another session. */
export class AppServerSession {
  readonly #transport: Connection;
  readonly #plan: SessionPlan;
  readonly #peer: JsonRpcPeer;
  readonly #calls: SessionCalls;
  readonly #router = new NotificationRouter();
  readonly #dispatcher: ServerRequestDispatcher;
  readonly #notices: SessionNotices;
  readonly #closeListeners = new Set<(error: TransportError) => void>();
  readonly #generation: number;
  #serverInfo: InitializeResponse | null = null;
  #loginChanges = 0;
  #closeReason: TransportError | null = null;
  #closing: Promise<void> | null = null;
  #holds = 0;
  #pending = 0;
  readonly #startedTurns = new Set<string>();

  private constructor(transport: Connection, plan: SessionPlan, generation: number) {
    this.#transport = transport;
    this.#plan = plan;
    this.#generation = generation;
    this.#peer = new JsonRpcPeer(transport, plan.redactor);
    this.#calls = new SessionCalls(this.#peer, plan, () => this.codexVersion);
    this.#notices = new SessionNotices(plan.redactor);
    this.#dispatcher = new ServerRequestDispatcher((id, reply) => void this.#peer.reply(id, reply));
  }

  /**
   * Connects to a codex app-server and performs the handshake.
   *
   * @throws {@link CodexNotFoundError}; {@link TransportError} `start-failed`, `start-timeout` or `process-exited`, after the process is gone; `options.signal.reason`.
   */
  static async open(plan: SessionPlan, options: OpenOptions = {}): Promise<AppServerSession> {
    const { transport = new StdioTransport() } = plan;
    return transport.connect(
      plan,
      async (connection, timeoutMs) =>
        AppServerSession.#begin(connection, plan, { ...options, timeoutMs }),
      options.signal,
    );
  }

  static async #begin(
    transport: Connection,
    plan: SessionPlan,
    options: OpenOptions & { readonly timeoutMs: number },
  ): Promise<AppServerSession> {
    const session = new AppServerSession(transport, plan, options.generation ?? 1);
    options.prepare?.(session);
    try {
      await session.#shakeHands(options);
      return session;
    } catch (error) {
      await transport.close().catch(() => undefined);
      throw startFailure(error, {
        startupTimeoutMs: plan.startupTimeoutMs,
        end: session.#closeReason,
        noise: session.#peer.noise,
      });
    }
  }

  /** Which process of its {@link AppServer} this is, counted from 1. */
  get generation(): number {
    return this.#generation;
  }

  /** Whose server it is. */
  get ownership(): ServerOwnership {
    return this.#plan.transport?.ownership ?? 'own';
  }

  /** What codex-rs said about itself in the handshake. */
  get serverInfo(): InitializeResponse {
    if (this.#serverInfo === null) throw new TypeError('The handshake is not done.');
    return this.#serverInfo;
  }

  /** The version of codex-rs, or null when its user agent does not say. */
  get codexVersion(): string | null {
    return codexVersionIn(this.serverInfo.userAgent, this.#plan.clientInfo.name);
  }

  /** Where machines that share the home record what they store with threads; null if the home is not shared. */
  get recordsRoot(): string | null {
    if (this.#plan.sharesHome !== true) return null;
    const { codexHome } = this.serverInfo;
    return [codexHome, 'codex-threads', 'threads'].join(codexHome.includes('\\') ? '\\' : '/');
  }

  /** The number of the process, or null when the link is not a process. */
  get processId(): number | null {
    return this.#transport.pid ?? null;
  }

  /** Whether nobody waits for anything of it: no call, no turn. */
  get isIdle(): boolean {
    return this.#pending + this.#holds === 0;
  }

  /** How often the login, or what it depends on, may have changed: what was read of it holds until this counts on. */
  get loginChanges(): number {
    return this.#loginChanges;
  }

  /** Hides the secrets of the client in what codex-rs says. */
  get redactor(): Redactor {
    return this.#plan.redactor;
  }

  /** The newest warnings of codex-rs that concern no thread, such as those about the configuration. */
  get warnings(): readonly WarningMessage[] {
    return this.#notices.warnings;
  }

  /** Why the session is over, or null while it lives. */
  get closeReason(): TransportError | null {
    return this.#closeReason;
  }

  /**
   * Sends a request and resolves with its result. What follows the reply on the wire is delivered only after the code
   * that awaits it has run. No more than 64 requests are under way at once; the limit of time counts from the sending. A
   * request that changes nothing is sent again while codex-rs is overloaded.
   *
   * @throws {@link RequestError} when codex-rs refuses; {@link TransportError} `timeout`, `closed`, `malformed-message`, or what ended the process; `options.signal.reason` when aborted.
   */
  async request<M extends keyof ClientRequests>(
    method: M,
    params: ClientRequests[M]['params'],
    options: SentCallOptions = {},
  ): Promise<ClientRequests[M]['result']> {
    const call = this.#calls.send(method, params, options);
    if (readOnlyMethods.has(method)) return call;
    if (this.ownership !== 'own') this.#noteTurn(call);
    if (!/^(account|accountSession|config|modelProvider)\//.test(method)) return call;
    return call.finally(() => {
      this.#loginChanges += 1;
    });
  }

  /** Whether a request over this connection has started a turn. */
  hasStarted(turnId: string): boolean {
    return this.#startedTurns.has(turnId);
  }

  /** Calls the listener with every notification, in wire order. Returns what removes it. */
  onNotification(listener: NotificationListener): () => void {
    return this.#router.onAny(listener);
  }

  /** Calls the listener with the notifications of one thread, in wire order. Returns what removes it. */
  onThread(threadId: string, listener: NotificationListener): () => void {
    return this.#router.onThread(threadId, listener);
  }

  /** Calls the listener with notifications of a thread that nobody listens to. Returns what removes it. */
  onUnclaimed(listener: NotificationListener): () => void {
    return this.#router.onUnclaimed(listener);
  }

  /** Replaces what answers codex-rs's own requests. Without it, and when it fails, they are declined. */
  answerWith(handler: ServerRequestHandler): void {
    this.#dispatcher.answerWith(handler);
  }

  /** More is ours than before: what was left to other clients of the server is asked again. */
  askAgain(): void {
    this.#dispatcher.askAgain();
  }

  /** Calls the listener once, when the session is over; at once when it is already. Returns what removes it. */
  onClose(listener: (error: TransportError) => void): () => void {
    if (this.#closeReason !== null) {
      listener(this.#closeReason);
      return () => undefined;
    }
    const own = (error: TransportError): void => {
      listener(error);
    };
    this.#closeListeners.add(own);
    return () => void this.#closeListeners.delete(own);
  }

  /** Waits until codex-rs says something of a thread, the time is up, the process is gone, or the signal fires. */
  async until(threadId: string, wait: Wait): Promise<WaitEnd> {
    return until(this, threadId, wait);
  }

  /** Keeps the host process alive until it is disposed. Pending calls do so by themselves. */
  hold(): Disposable {
    let isHeld = true;
    this.#holds += 1;
    this.#updateReference();
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#holds -= 1;
        this.#updateReference();
      },
    };
  }

  /** Rejects what is pending, ends the process and all that belongs to it, and resolves when nothing is left. Idempotent. */
  async close(reason = 'The session was closed'): Promise<void> {
    this.#peer.fail(new TransportError(`${reason}.`, { code: 'closed', retryable: false }));
    this.#closing ??= this.#transport.close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shakeHands(limits: {
    readonly signal?: AbortSignal;
    readonly timeoutMs: number;
  }): Promise<void> {
    this.#peer.start({
      onNotification: (notification) => {
        this.#receive(notification as ServerNotification);
      },
      onRequest: (request) => {
        this.#dispatcher.receive(request as ServerRequest);
      },
      onPending: (count) => {
        this.#pending = count;
        this.#updateReference();
      },
      onClose: (error) => {
        this.#end(error);
      },
    });
    this.#serverInfo = await handshake(this.#peer, this.#plan, limits);
  }

  #receive(notification: ServerNotification): void {
    if (notification.method === 'account/updated') this.#loginChanges += 1;
    if (notification.method === 'serverRequest/resolved')
      this.#dispatcher.resolved(notification.params.requestId);
    this.#router.route(notification);
    this.#notices.accept(notification);
  }

  #end(error: TransportError): void {
    this.#closeReason = error;
    this.#dispatcher.close(error);
    const listeners = [...this.#closeListeners];
    this.#closeListeners.clear();
    for (const listener of listeners)
      guarded(() => {
        listener(error);
      });
  }

  #noteTurn(call: Promise<unknown>): void {
    const note = (result: unknown): void => {
      const { turn } = (result ?? {}) as { readonly turn?: { readonly id?: string } };
      if (turn?.id !== undefined) this.#startedTurns.add(turn.id);
    };
    // Whoever sent it hears of its failure.
    call.then(note, () => undefined);
  }

  #updateReference(): void {
    this.#transport.setReferenced(this.#pending + this.#holds > 0);
  }
}

/** How {@link AppServerSession.open} goes about it. */
export interface OpenOptions {
  /** Gives the start up; the process is ended, then the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** The number of the process among those of one {@link AppServer}. Defaults to 1. */
  readonly generation?: number;
  /** Called before the handshake, for those who listen to everything from the first message on. */
  readonly prepare?: (session: AppServerSession) => void;
}
