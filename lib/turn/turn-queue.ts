import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import { onAbort } from '../on-abort.js';
import type { TurnRun } from './turn-run.js';

/** Gives exclusive use of a thread to one task at a time: its turns, and other exclusive work. First in, first out. */
export class TurnQueue {
  /** The running and waiting tasks of the thread, each with whether its outcome is already reported. */
  readonly #waiting = new Set<() => boolean>();
  readonly #props: TurnQueueProps;
  #last: Promise<unknown> = Promise.resolve();

  constructor(props: TurnQueueProps = {}) {
    this.#props = props;
  }

  /** Whether a task uses the thread or waits for it. */
  get isBusy(): boolean {
    return [...this.#waiting].some((isOver) => !isOver());
  }

  /**
   * Runs the work when the thread is free; resolves with its result.
   *
   * @param isOver - whether the outcome is already reported although the work continues
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

  /** Adds a turn, unless it is already stopped or refused. Never rejects: the run carries the outcome. */
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
      // Its consumer may differ from its caller.
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
  /** Called whenever the queue becomes empty. */
  readonly rest?: () => void;
}

/** Runs a turn once the thread is free. */
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
