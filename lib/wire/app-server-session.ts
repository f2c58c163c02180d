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
import {
  NotificationRouter,
  type NotificationListener,
  type NotificationOf,
} from './notification-router.js';
import { ServerRequestDispatcher, type ServerRequestHandler } from './server-request-dispatcher.js';
import { SessionCalls } from './session-calls.js';
import { SessionNotices } from './session-notices.js';
import type { SessionPlan } from './session-plan.js';
import { until, type Wait, type WaitEnd } from './until.js';

/** One codex app-server process, from the handshake to its exit. A restart creates another session. */
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
   * @throws {@link CodexNotFoundError}; {@link TransportError} `start-failed`, `start-timeout` or `process-exited`,
   * after the process has exited; `options.signal.reason`.
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

  /** The number of this process within its {@link AppServer}, starting at 1. */
  get generation(): number {
    return this.#generation;
  }

  /** The owner of the server. */
  get ownership(): ServerOwnership {
    return this.#plan.transport?.ownership ?? 'own';
  }

  /** The information that codex-rs sent about itself in the handshake. */
  get serverInfo(): InitializeResponse {
    if (this.#serverInfo === null) throw new TypeError('The handshake is not complete.');
    return this.#serverInfo;
  }

  /** The version of codex-rs, or null if its user agent does not contain one. */
  get codexVersion(): string | null {
    return codexVersionIn(this.serverInfo.userAgent, this.#plan.clientInfo.name);
  }

  /** The directory for data that machines sharing the home store with threads; null if the home is not shared. */
  get recordsRoot(): string | null {
    if (this.#plan.sharesHome !== true) return null;
    const { codexHome } = this.serverInfo;
    return [codexHome, 'codex-threads', 'threads'].join(codexHome.includes('\\') ? '\\' : '/');
  }

  /** The process id, or null if the connection is not to a process. */
  get processId(): number | null {
    return this.#transport.pid ?? null;
  }

  /** Whether no call is pending and no turn is running. */
  get isIdle(): boolean {
    return this.#pending + this.#holds === 0;
  }

  /** Counts changes of the login and its dependencies. Cached login data is valid until this number changes. */
  get loginChanges(): number {
    return this.#loginChanges;
  }

  /** Hides the secrets of the client in the output of codex-rs. */
  get redactor(): Redactor {
    return this.#plan.redactor;
  }

  /** The most recent warnings of codex-rs that do not belong to a thread, such as those about the configuration. */
  get warnings(): readonly WarningMessage[] {
    return this.#notices.warnings;
  }

  /** Why the session ended, or null while it is open. */
  get closeReason(): TransportError | null {
    return this.#closeReason;
  }

  /**
   * Sends a request and resolves with its result. Messages after the reply are delivered only after the code that
   * awaits it has run. At most 64 requests are pending at once; the timeout starts when the request is sent. A
   * read-only request is retried while codex-rs is overloaded.
   *
   * @throws {@link RequestError} if codex-rs rejects the request; {@link TransportError} `timeout`, `closed`,
   * `malformed-message`, or the error that ended the process; `options.signal.reason` if aborted.
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

  /** Calls the listener with every notification, in wire order. Returns a function that removes it. */
  onNotification(listener: NotificationListener): () => void {
    return this.#router.onAny(listener);
  }

  /** Calls the listener with the notifications with one method, in wire order. Returns a function that removes it. */
  onMethod<M extends ServerNotification['method']>(
    method: M,
    listener: (notification: NotificationOf<M>) => void,
  ): () => void {
    return this.#router.onMethod(method, listener);
  }

  /** Calls the listener with the notifications of one thread, in wire order. Returns a function that removes it. */
  onThread(threadId: string, listener: NotificationListener): () => void {
    return this.#router.onThread(threadId, listener);
  }

  /** Calls the listener with notifications of threads that have no listener. Returns a function that removes it. */
  onUnclaimed(listener: NotificationListener): () => void {
    return this.#router.onUnclaimed(listener);
  }

  /** Replaces the handler for requests from codex-rs. Without a handler, or if it fails, they are declined. */
  answerWith(handler: ServerRequestHandler): void {
    this.#dispatcher.answerWith(handler);
  }

  /**
   * Dispatches again the requests that were left to other clients of the server, because this client now has more
   * threads.
   */
  askAgain(): void {
    this.#dispatcher.askAgain();
  }

  /**
   * Calls the listener once when the session ends, or immediately if it has ended. Returns a function that removes it.
   */
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

  /** Waits for a notification of a thread, the timeout, the exit of the process, or the signal. */
  async until(threadId: string, wait: Wait): Promise<WaitEnd> {
    return until(this, threadId, wait);
  }

  /** Keeps the host process alive until disposed. Pending calls do the same. */
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

  /** Rejects pending calls, ends the process and its children, and resolves when all have exited. Idempotent. */
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
    // The caller handles the failure.
    call.then(note, () => undefined);
  }

  #updateReference(): void {
    this.#transport.setReferenced(this.#pending + this.#holds > 0);
  }
}

/** Options of {@link AppServerSession.open}. */
export interface OpenOptions {
  /** Cancels the start: ends the process, then rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** The number of the process within one {@link AppServer}. Defaults to 1. */
  readonly generation?: number;
  /** Called before the handshake, for listeners that need every message. */
  readonly prepare?: (session: AppServerSession) => void;
}
