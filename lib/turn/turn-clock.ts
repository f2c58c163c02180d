import { timers } from '../timers.js';
import type { TurnBudget } from './turn-timeout-error.js';

/** The time limits of a turn, in milliseconds. Without a value there is no limit, except for `ackMs`. */
export interface TurnTimeouts {
  /**
   * Limit for each reply of codex-rs until it has accepted the turn: to `turn/start`, after which the outcome is unknown,
   * and to every request that opens the thread for the turn, such as `thread/start` or `thread/resume`.
   *
   * @defaultValue 30000
   */
  readonly ackMs?: number;
  /** Until the turn shows its first progress after it started. */
  readonly firstProgressMs?: number;
  /** Between two signs of progress. */
  readonly idleMs?: number;
  /** Total, including the time to open the thread. */
  readonly totalMs?: number;
}

/** Called when a time limit is exceeded. */
export type BudgetListener = (budget: TurnBudget, limitMs: number) => void;

interface Running {
  readonly limitMs: number;
  leftMs: number;
  startedAt: number;
  timer: NodeJS.Timeout | null;
}

/** Watches the time budgets of one turn. Only this turn's own events count; waiting for an approval stops the clock. */
export class TurnClock {
  readonly #timeouts: TurnTimeouts;
  readonly #expired: BudgetListener;
  readonly #whole: TurnClock | null;
  readonly #running = new Map<TurnBudget, Running>();
  #pauses = 0;
  #isStopped = false;

  /** @param whole - the clock of the enclosing goal, which pauses with this one */
  constructor(timeouts: TurnTimeouts, expired: BudgetListener, whole: TurnClock | null = null) {
    this.#timeouts = timeouts;
    this.#expired = expired;
    this.#whole = whole;
  }

  /** The thread is being opened for the turn. */
  open(): void {
    if (!this.#running.has('totalMs')) this.#begin('totalMs');
  }

  /** The turn has started. */
  start(): void {
    this.open();
    this.#begin('firstProgressMs');
  }

  /** The turn showed progress. */
  progress(): void {
    this.#end('firstProgressMs');
    this.#end('idleMs');
    this.#begin('idleMs');
  }

  /** Runs work that does not count. */
  async pausedFor<T>(work: () => Promise<T>): Promise<T> {
    this.pause();
    try {
      return await work();
    } finally {
      this.resume();
    }
  }

  /** Stops the clock until {@link TurnClock.resume} has been called the same number of times. */
  pause(): void {
    this.#pauses += 1;
    if (this.#pauses > 1) return;
    this.#whole?.pause();
    for (const running of this.#running.values()) {
      if (running.timer !== null) timers.clearTimeout(running.timer);
      running.timer = null;
      running.leftMs -= timers.performance.now() - running.startedAt;
    }
  }

  /** Resumes the clock. */
  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    this.#whole?.resume();
    for (const [budget, running] of this.#running) this.#arm(budget, running);
  }

  /** The turn is over. */
  stop(): void {
    this.#isStopped = true;
    for (const budget of [...this.#running.keys()]) this.#end(budget);
  }

  #begin(budget: TurnBudget): void {
    const limitMs = this.#timeouts[budget];
    if (this.#isStopped || limitMs === undefined || limitMs === Infinity) return;
    const running: Running = {
      limitMs,
      leftMs: limitMs,
      startedAt: timers.performance.now(),
      timer: null,
    };
    this.#running.set(budget, running);
    if (this.#pauses === 0) this.#arm(budget, running);
  }

  #arm(budget: TurnBudget, running: Running): void {
    running.startedAt = timers.performance.now();
    running.timer = timers.setTimeout(() => {
      this.stop();
      this.#expired(budget, running.limitMs);
    }, running.leftMs);
  }

  #end(budget: TurnBudget): void {
    const timer = this.#running.get(budget)?.timer;
    if (timer) timers.clearTimeout(timer);
    this.#running.delete(budget);
  }
}
