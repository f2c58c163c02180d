import { onAbort } from '../on-abort.js';
import { RequestError } from '../errors.js';
import type { ServerNotification, Turn } from '../protocol/index.js';
import { TurnFailedError } from '../turn/turn-failed-error.js';
import { measured } from '../turn/turn-measures.js';
import { TurnInterruptedError } from '../turn/turn-interrupted-error.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';

/** Properties of a {@link CompactionRun}. */
export interface CompactionRunProps {
  readonly thread: LoadedThread;
  readonly signal: AbortSignal | undefined;
  /** Called once codex-rs has begun: the thread now ends with this turn, for any outcome. */
  readonly begin: (turnId: string) => void;
}

/** One compaction on the wire. codex-rs answers the request immediately and runs the compaction as a separate turn. */
export class CompactionRun {
  readonly #props: CompactionRunProps;
  /** Aborts when waiting for its end is no longer possible. */
  readonly #failed = new AbortController();
  #turnId: string | null = null;
  #isStopping = false;
  #turn: Turn | null = null;

  constructor(props: CompactionRunProps) {
    this.#props = props;
  }

  /**
   * Sends the request and resolves with the turn when it is completed.
   *
   * @throws {@link TurnFailedError}, {@link TurnInterruptedError}, `signal.reason`, or the error that ended the session
   */
  async perform(): Promise<Turn> {
    const { thread, signal } = this.#props;
    const { session, threadId } = thread;
    signal?.throwIfAborted();
    const over = session.until(threadId, {
      told: (notification) => this.#accept(notification),
      signal: this.#failed.signal,
    });
    const forget = signal && onAbort(signal, () => void this.#stop());
    try {
      await Promise.race([over, session.request('thread/compact/start', { threadId })]);
      if ((await over) === 'gone') this.#failed.abort(session.closeReason);
    } catch (error) {
      this.#failed.abort(error);
    } finally {
      forget?.();
    }
    if (this.#turn === null) throw this.#failed.signal.reason;
    return this.#outcome(this.#turn);
  }

  /** Whether the notification is the end. */
  #accept({ method, params }: ServerNotification): boolean {
    if (method === 'turn/started' && this.#turnId === null) {
      this.#turnId = params.turn.id;
      this.#props.begin(params.turn.id);
      if (this.#isStopping) void this.#stop();
    }
    if (method !== 'turn/completed' || params.turn.id !== this.#turnId) return false;
    this.#turn = params.turn;
    return true;
  }

  async #stop(): Promise<void> {
    this.#isStopping = true;
    const { session, threadId } = this.#props.thread;
    if (this.#turnId === null) return;
    try {
      await session.request('turn/interrupt', { threadId, turnId: this.#turnId });
    } catch (error) {
      // It had already ended: its completion is in transit.
      if (!RequestError.is(error)) this.#failed.abort(error);
    }
  }

  #outcome(turn: Turn): Turn {
    const { thread, signal } = this.#props;
    const props = {
      threadId: thread.threadId,
      turnId: turn.id,
      items: turn.items,
      measures: measured(turn),
    };
    if (turn.status === 'completed') return turn;
    if (turn.status === 'failed' && turn.error !== null)
      throw new TurnFailedError({ ...props, error: turn.error });
    signal?.throwIfAborted();
    throw new TurnInterruptedError(props);
  }
}
