import { CodexError, TransportError } from '../errors.js';
import type { ClientRequests } from '../protocol/index.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { ProcessMessage } from '../telemetry/messages.js';
import type { AppServerSession } from './app-server-session.js';
import { withCallLimits, type CallOptions } from './call-limits.js';
import { within } from '../within.js';

/** Keeps one app-server running for as long as it is needed: starts it at the first call, and again after it died. */
export class AppServer {
  readonly #open: OpenSession;
  #session: AppServerSession | null = null;
  #start: Start | null = null;
  #ending: Promise<void> = Promise.resolve();
  #generation = 0;
  readonly #closing = new AbortController();

  /** Takes what starts a session and makes it ready, such as by logging in. Nothing is started yet. */
  constructor(open: OpenSession) {
    this.#open = open;
  }

  /** Fires with {@link AppServer.close}. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** The living session, or null. */
  get session(): AppServerSession | null {
    return this.#session;
  }

  /** The version of the codex-rs that runs, or null if none runs or its version is unknown. */
  get codexVersion(): string | null {
    return this.#session?.codexVersion ?? null;
  }

  /** Where machines that share the home record what they store with threads; null if the home is not shared. */
  get recordsRoot(): string | null {
    return this.#session?.recordsRoot ?? null;
  }

  /**
   * The living session, started when there is none. Calls at the same time share one start; it is given up only when
   * all who wait for it have given up.
   *
   * @throws {@link TransportError} `closed` after {@link AppServer.close}; what the start rejected with; `options.signal.reason`.
   */
  async connect(options: { readonly signal?: AbortSignal } = {}): Promise<AppServerSession> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.closing.aborted) throw closed();
    if (this.#session !== null) return this.#session;
    const start = (this.#start ??= this.#begin());
    start.waiting += 1;
    try {
      return await within(start.session, { signal });
    } finally {
      start.waiting -= 1;
      if (start.waiting === 0 && this.#start === start) {
        this.#start = null;
        start.controller.abort(new TransportError('The start was given up.', { code: 'closed' }));
      }
    }
  }

  /** Connects, then sends the request. @see {@link AppServerSession.request} */
  async request<M extends keyof ClientRequests>(
    method: M,
    params: ClientRequests[M]['params'],
    options: CallOptions = {},
  ): Promise<ClientRequests[M]['result']> {
    const session = await this.connect(options);
    return session.request(method, params, options);
  }

  /** Ends the current process; the next call starts a new one. Pending calls reject with `closed` and the reason. */
  async recycle(reason: string): Promise<void> {
    const session = this.#session;
    this.#session = null;
    if (session === null) return;
    await this.#after(session.close(`codex-rs is started anew: ${reason}`));
  }

  /**
   * Ends the process, or its start, and refuses all further calls. Resolves when nothing is left. Idempotent.
   *
   * @param last - what is still done with the living session
   */
  async close(last: () => Promise<void> = async () => Promise.resolve()): Promise<void> {
    if (!this.closing.aborted) this.#closing.abort(closed());
    const session = this.#session;
    this.#session = null;
    this.#start?.controller.abort(this.closing.reason);
    if (session !== null) void this.#after(last().finally(async () => session.close()));
    await this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #begin(): Start {
    const controller = new AbortController();
    // The process outlives the call that starts it, and so does the context in which it is read.
    const session = withCallLimits({}, async () => this.#run(controller.signal));
    const start: Start = { session, controller, waiting: 0 };
    void this.#after(
      session.then(
        async (ready) => {
          if (this.#start === start) this.#start = null;
          return this.#adopt(ready, controller.signal);
        },
        () => {
          if (this.#start === start) this.#start = null;
        },
      ),
    );
    return start;
  }

  async #run(signal: AbortSignal): Promise<AppServerSession> {
    // The one before has to be gone first: two processes would compete for the locks of the threads.
    await this.#ending;
    signal.throwIfAborted();
    const generation = (this.#generation += 1);
    try {
      return await this.#open({ generation, signal });
    } catch (error) {
      // Who gives a start up knows it already.
      if (!signal.aborted) tell('start-failed', { processId: null, generation }, error);
      throw error;
    }
  }

  #adopt(session: AppServerSession, signal: AbortSignal): Promise<void> | undefined {
    if (signal.aborted) return session.close();
    this.#session = session;
    tell('started', session);
    session.onClose((error) => {
      tell('ended', session, error);
      if (this.#session === session) this.#session = null;
      // It may take a moment until nothing is left of it.
      void this.#after(session.close());
    });
    return undefined;
  }

  async #after(work: Promise<unknown>): Promise<void> {
    this.#ending = Promise.allSettled([this.#ending, work]).then(() => undefined);
    return this.#ending;
  }
}

/** Starts a session and makes it ready to use. It has to end what it started when the signal fires or when it fails. */
export type OpenSession = (context: {
  readonly generation: number;
  readonly signal: AbortSignal;
}) => Promise<AppServerSession>;

interface Start {
  readonly session: Promise<AppServerSession>;
  readonly controller: AbortController;
  waiting: number;
}

function tell(
  event: ProcessMessage['event'],
  { processId, generation }: Pick<AppServerSession, 'processId' | 'generation'>,
  error: unknown = null,
): void {
  telemetry.process.publish(() => {
    const ids = { event, processId, generation };
    if (error === null) return { ...ids, errorCode: null, message: null };
    // What is no error of ours may say anything.
    if (!CodexError.is(error)) return { ...ids, errorCode: 'unknown', message: null };
    return { ...ids, errorCode: error.code, message: error.message };
  });
}

function closed(): TransportError {
  return new TransportError('This client is closed. Make a new one.', {
    code: 'closed',
    retryable: false,
  });
}
