import type { TurnBudget } from './turn-timeout-error.js';

/** How long a turn may take, in milliseconds. What is not set is not limited, but for `ackMs`. */
export interface TurnTimeouts {
  /** Until codex-rs acknowledges the turn. Defaults to 30 s; then the outcome is unknown. */
  readonly ackMs?: number;
  /** Until the turn shows its first progress after it started. */
  readonly firstProgressMs?: number;
  /** Between two signs of progress. */
  readonly idleMs?: number;
  /** In all. */
  readonly totalMs?: number;
}

/** Told when a budget is used up. */
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
  readonly #running = new Map<TurnBudget, Running>();
  #pauses = 0;

  constructor(timeouts: TurnTimeouts, expired: BudgetListener) {
    this.#timeouts = timeouts;
    this.#expired = expired;
  }

  /** The turn has started. */
  start(): void {
    this.#begin('totalMs');
    this.#begin('firstProgressMs');
  }

  /** The turn showed progress. */
  progress(): void {
    this.#end('firstProgressMs');
    this.#end('idleMs');
    this.#begin('idleMs');
  }

  /** Stops the clock until {@link TurnClock.resume} was called as often. */
  pause(): void {
    this.#pauses += 1;
    if (this.#pauses > 1) return;
    for (const running of this.#running.values()) {
      if (running.timer !== null) clearTimeout(running.timer);
      running.timer = null;
      running.leftMs -= Date.now() - running.startedAt;
    }
  }

  /** Lets the clock go on. */
  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    for (const [budget, running] of this.#running) this.#arm(budget, running);
  }

  /** The turn is over. */
  stop(): void {
    for (const budget of [...this.#running.keys()]) this.#end(budget);
  }

  #begin(budget: TurnBudget): void {
    const limitMs = this.#timeouts[budget];
    if (limitMs === undefined || limitMs === Infinity) return;
    const running: Running = { limitMs, leftMs: limitMs, startedAt: Date.now(), timer: null };
    this.#running.set(budget, running);
    if (this.#pauses === 0) this.#arm(budget, running);
  }

  #arm(budget: TurnBudget, running: Running): void {
    running.startedAt = Date.now();
    running.timer = setTimeout(() => {
      this.stop();
      this.#expired(budget, running.limitMs);
    }, running.leftMs);
  }

  #end(budget: TurnBudget): void {
    const timer = this.#running.get(budget)?.timer;
    if (timer) clearTimeout(timer);
    this.#running.delete(budget);
  }
}
