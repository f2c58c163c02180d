import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import { onAbort } from '../on-abort.js';
import type { TurnRun } from './turn-run.js';

/** Who has a thread, one after the other: its turns, and what else needs it for itself. First in, first out. */
export class TurnQueue {
  /** What has or waits for the thread, each with whether its outcome is told already. */
  readonly #waiting = new Set<() => boolean>();
  readonly #props: TurnQueueProps;
  #last: Promise<unknown> = Promise.resolve();

  constructor(props: TurnQueueProps = {}) {
    this.#props = props;
  }

  /** Whether something has the thread, or waits for it. */
  get isBusy(): boolean {
    return [...this.#waiting].some((isOver) => !isOver());
  }

  /**
   * Does the work when it is its turn; resolves with what it gives.
   *
   * @param isOver - whether the outcome is told already, although the work goes on
   */
  async add<T>(work: () => Promise<T>, isOver = (): boolean => false): Promise<T> {
    const entry = (): boolean => isOver();
    this.#waiting.add(entry);
    const { done, rest } = this.#props;
    const result = this.#last.then(work).finally(async () => {
      await done?.();
      this.#waiting.delete(entry);
      if (this.#waiting.size === 0) rest?.();
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Adds a turn, unless it is stopped or refused already. Never rejects: the run carries the outcome. */
  addTurn(run: TurnRun, { threadId, isBusy, perform, interrupt }: QueuedTurn): void {
    const { signal, whenBusy } = run.options;
    run.queue();
    if (signal?.aborted === true) run.interrupt();
    else if (whenBusy === 'reject' && isBusy) run.fail(new ThreadBusyError(threadId));
    if (run.isOver) return;
    if (signal !== undefined) {
      const forget = onAbort(signal, interrupt);
      void run.settled.then(forget);
    }
    this.add(
      // Whoever consumes it need not be who asked for it.
      async () => run.telemetry.within(perform),
      () => run.isOver,
    ).catch((error: unknown) => {
      run.fail(error);
    });
  }
}

/** Properties of a {@link TurnQueue}. */
export interface TurnQueueProps {
  /** Called after each use of the thread, before the next one. */
  readonly done?: () => Promise<void>;
  /** Called whenever nothing waits any more. */
  readonly rest?: () => void;
}

/** How a turn is run once it has the thread. */
export interface QueuedTurn {
  /** The thread, or null for one without an id yet. */
  readonly threadId: string | null;
  /** Whether the turn would have to wait. */
  readonly isBusy: boolean;
  /** Runs the turn to its end. */
  readonly perform: () => Promise<void>;
  /** Stops it when its signal fires. */
  readonly interrupt: () => void;
}
