import type { AppServerSession } from '../wire/app-server-session.js';
import { decode } from '../wire/decode.js';
import { RequestError } from '../errors.js';
import type { ServerNotification, ThreadStatus } from '../protocol/index.js';

/**
 * Whether a turn runs on a loaded thread, whoever started it: codex-rs for a goal, a raw request, a shell command. A turn
 * of ours that is sent meanwhile would be taken as input for that one, or refused.
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

  /** Whether a turn runs, as far as codex-rs has told. */
  get isActive(): boolean {
    return this.#isActive || this.#turnRuns;
  }

  /** Takes in the status that codex-rs reports. */
  update({ type }: ThreadStatus): void {
    this.#isActive = type === 'active';
    this.#turnRuns ||= this.#isActive;
    if (type === 'notLoaded') this.#rest();
  }

  /** Takes in a notification of the thread. */
  accept({ method, params }: ServerNotification): void {
    if (method === 'thread/status/changed') this.update(params.status);
    if (method === 'turn/started') this.#turnRuns = true;
    if (method === 'thread/closed') this.#rest();
    // The status is idle before the turn is completed; a review ends with another turn than it began with.
    if (method === 'turn/completed' && !this.#isActive) this.#rest();
  }

  /**
   * Resolves when no turn runs any more, or when the thread or its process is gone. What codex-rs says when it is asked
   * counts: the end of a turn may be lost.
   *
   * @throws {@link TransportError} when codex-rs does not answer
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
   * Resolves when a turn has ended and none runs any more, or when the thread or its process is gone; also when the signal
   * says that no turn is to be expected.
   *
   * @param hasBegun - whether the turn must have begun by now: then what codex-rs says when it is asked counts, too
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
