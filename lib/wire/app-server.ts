import { CodexError, TransportError } from '../errors.js';
import type { ClientRequests } from '../protocol/index.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { ProcessMessage } from '../telemetry/messages.js';
import type { AppServerSession } from './app-server-session.js';
import { withCallLimits, type CallOptions } from './call-limits.js';
import { within } from '../within.js';

/** Keeps one app-server running while it is needed: starts it at the first call, and again after it exits. */
export class AppServer {
  readonly #open: OpenSession;
  #session: AppServerSession | null = null;
  #start: Start | null = null;
  #ending: Promise<void> = Promise.resolve();
  #generation = 0;
  readonly #closing = new AbortController();

  /** Expects a function that opens a session and prepares it, for example logs in. Starts nothing. */
  constructor(open: OpenSession) {
    this.#open = open;
  }

  /** Fires with {@link AppServer.close}. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** The open session, or null. */
  get session(): AppServerSession | null {
    return this.#session;
  }

  /** The version of the running codex-rs, or null if none is running or its version is unknown. */
  get codexVersion(): string | null {
    return this.#session?.codexVersion ?? null;
  }

  /** The directory for data that machines sharing the home store with threads; null if the home is not shared. */
  get recordsRoot(): string | null {
    return this.#session?.recordsRoot ?? null;
  }

  /**
   * Returns the open session; starts one if necessary. Concurrent calls share one start, which is cancelled only when
   * all callers have given up.
   *
   * @throws {@link TransportError} `closed` after {@link AppServer.close}; the error of the start; `options.signal.reason`.
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
        start.controller.abort(
          new TransportError('The start of codex-rs was cancelled.', { code: 'closed' }),
        );
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
    await this.#after(session.close(`Restarting codex-rs: ${reason}`));
  }

  /**
   * Ends the process, or its start, and rejects all further calls. Resolves when all processes have exited. Idempotent.
   *
   * @param last - work to do with the open session first
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
    // The process outlives the call that starts it, and so does the async context in which its output is read.
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
    // The previous process must exit first: two processes would compete for the locks of the threads.
    await this.#ending;
    signal.throwIfAborted();
    const generation = (this.#generation += 1);
    try {
      return await this.#open({ generation, signal });
    } catch (error) {
      // The caller that cancels a start does not need the message.
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
      // The exit may take a moment.
      void this.#after(session.close());
    });
    return undefined;
  }

  async #after(work: Promise<unknown>): Promise<void> {
    this.#ending = Promise.allSettled([this.#ending, work]).then(() => undefined);
    return this.#ending;
  }
}

/**
 * Opens a session and prepares it for use. Must end the process it started if the signal fires or the preparation
 * fails.
 */
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
    // The message of a foreign error may contain anything.
    if (!CodexError.is(error)) return { ...ids, errorCode: 'unknown', message: null };
    return { ...ids, errorCode: error.code, message: error.message };
  });
}

function closed(): TransportError {
  return new TransportError(
    'This client is closed. Create a new one, or close it later: `await using` closes it at the end of its block.',
    {
      code: 'closed',
      retryable: false,
    },
  );
}
