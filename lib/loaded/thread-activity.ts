import type { AppServerSession } from '../wire/app-server-session.js';
import { decode } from '../wire/decode.js';
import { RequestError } from '../errors.js';
import type { ServerNotification, ThreadStatus } from '../protocol/index.js';

/**
 * Whether a turn runs on a loaded thread, from any source: codex-rs for a goal, a raw request, a shell command. codex-rs
 * would treat a turn sent meanwhile as input for that one, or refuse it.
 */
export class ThreadActivity {
  readonly #session: AppServerSession;
  readonly #threadId: string;
  #isActive = false;
  #turnRuns = false;

  constructor(session: AppServerSession, threadId: string) {
    this.#session = session;
    this.#threadId = threadId;
  }

  /** Whether a turn runs, as last reported by codex-rs. */
  get isActive(): boolean {
    return this.#isActive || this.#turnRuns;
  }

  /** Accepts the status that codex-rs reports. */
  update({ type }: ThreadStatus): void {
    this.#isActive = type === 'active';
    this.#turnRuns ||= this.#isActive;
    if (type === 'notLoaded') this.#rest();
  }

  /** Accepts a notification of the thread. */
  accept({ method, params }: ServerNotification): void {
    if (method === 'thread/status/changed') this.update(params.status);
    if (method === 'turn/started') this.#turnRuns = true;
    if (method === 'thread/closed') this.#rest();
    // The status is idle before the turn is completed; a review ends with a different turn than it began with.
    if (method === 'turn/completed' && !this.#isActive) this.#rest();
  }

  /**
   * Resolves when no turn runs any more, or when the thread or its process is gone. The reply of codex-rs to a request is
   * authoritative: the end of a turn may be lost.
   *
   * @throws {@link TransportError} if codex-rs does not answer
   */
  async quiet(): Promise<void> {
    while (this.isActive) {
      const end = await this.#session.until(this.#threadId, {
        told: () => !this.isActive,
        asked: async () => !(await this.#runs()),
      });
      if (end !== 'told') this.#rest();
    }
  }

  /**
   * Resolves when a turn has ended and no turn runs any more, or when the thread or its process is gone; also when the
   * signal aborts because no turn is expected.
   *
   * @param hasBegun - whether the turn must have begun by now: then the reply of codex-rs to a request counts too
   */
  async ended(signal: AbortSignal, hasBegun: () => boolean): Promise<void> {
    await this.#session.until(this.#threadId, {
      told: ({ method }) =>
        (method === 'turn/completed' || method === 'thread/closed') && !this.isActive,
      asked: async () => hasBegun() && !(await this.#runs()),
      signal,
    });
  }

  async #runs(): Promise<boolean> {
    try {
      const { thread } = await this.#session.request('thread/read', { threadId: this.#threadId });
      return decode('thread/read', () => thread.status.type === 'active', this.#session);
    } catch (error) {
      if (RequestError.is(error) || this.#session.closeReason !== null) return false;
      throw error;
    }
  }

  #rest(): void {
    this.#isActive = false;
    this.#turnRuns = false;
  }
}
