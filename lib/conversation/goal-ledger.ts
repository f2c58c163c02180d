import type { ThreadItem } from '../protocol/index.js';
import type { TurnBudget } from '../turn/turn-budget.js';
import { excessOf, type BudgetExcess } from '../turn/turn-budget.js';
import { TurnBudgetError } from '../turn/turn-budget-error.js';
import { TurnInterruptedError } from '../turn/turn-interrupted-error.js';
import type { TurnResult } from '../turn/turn-result.js';
import type { TurnRun } from '../turn/turn-run.js';
import { TurnTimeoutError, type TurnTimeoutErrorProps } from '../turn/turn-timeout-error.js';
import { added, breakdown } from '../turn/usage.js';
import type { LiveThread } from './live-thread.js';

/** The results and the total usage of a goal's turns. */
export class GoalLedger {
  readonly #thread: LiveThread;
  readonly #results: TurnResult[] = [];
  readonly #items: ThreadItem[] = [];
  #run: TurnRun | null = null;
  #lastTurnId: string | null = null;
  #usage = breakdown({});
  #spent = breakdown({});

  constructor(thread: LiveThread) {
    this.#thread = thread;
  }

  /** The results of the turns that are complete. */
  get results(): readonly TurnResult[] {
    return Object.freeze([...this.#results]);
  }

  /** The usage of those turns, without their sub-agents. */
  get usage(): TurnResult['usage'] & object {
    return this.#usage;
  }

  /** A turn has begun. */
  open(run: TurnRun, turnId: string): void {
    this.#run = run;
    this.#lastTurnId = turnId;
  }

  /** A turn has completed. */
  complete(result: TurnResult): void {
    this.#results.push(result);
    this.#usage = added(this.#usage, result.usage ?? breakdown({}));
  }

  /** A turn is over, with any outcome. */
  close(run: TurnRun): void {
    this.#spent = added(this.#spent, run.spent);
    this.#items.push(...run.items);
    if (this.#run === run) this.#run = null;
  }

  /** The first limit exceeded with the usage of this turn so far, or null. */
  excess(budget: TurnBudget | undefined, run: TurnRun): BudgetExcess | null {
    return budget === undefined ? null : excessOf(budget, added(this.#spent, run.spent));
  }

  interruption(): TurnInterruptedError {
    return new TurnInterruptedError(this.#state);
  }

  timeout(
    props: Pick<TurnTimeoutErrorProps, 'budget' | 'limitMs' | 'lastEvent'>,
  ): TurnTimeoutError {
    return new TurnTimeoutError({ ...props, ...this.#state });
  }

  overspending(excess: BudgetExcess, run: TurnRun): unknown {
    const { continuation } = this.#thread;
    const { threadId, turnId, items } = this.#state;
    if (threadId === null || continuation === null || turnId === null) return this.interruption();
    const status = run.state === 'completed' ? 'completed' : 'interrupted';
    return new TurnBudgetError({ ...excess, threadId, turnId, status, items, continuation });
  }

  get #state(): Pick<TurnTimeoutErrorProps, 'threadId' | 'turnId' | 'items'> {
    const items = [...this.#items, ...(this.#run?.items ?? [])];
    return { threadId: this.#thread.threadId, turnId: this.#lastTurnId, items };
  }
}
