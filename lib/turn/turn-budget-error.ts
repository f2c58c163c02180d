import { CodexError } from '../errors.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { ThreadItem } from '../protocol/index.js';
import type { BudgetExcess } from './turn-budget.js';
import { measured, type TurnMeasures } from './turn-measures.js';
import type { TurnUsage } from './usage.js';

/** Properties of a {@link TurnBudgetError}. @inline */
export interface TurnBudgetErrorProps extends BudgetExcess {
  /** The thread it ran on. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** Whether it was stopped, or had completed by the time of the report. */
  readonly status: 'completed' | 'interrupted';
  /** The items that completed before. */
  readonly items: readonly ThreadItem[];
  /** Resumes the thread as of the end of the turn. */
  readonly continuation: ContinuationToken;
  /** The usage of its sub-agents. */
  readonly subagentUsage?: Readonly<Record<string, TurnUsage>>;
  /** Its times and its usage. */
  readonly measures?: TurnMeasures;
}

/**
 * A turn exceeded its `budget` and was stopped, with its sub-agents and commands. The thread stays usable.
 *
 * codex-rs reports the tokens of a model request once the request and its tool calls are done, so a turn exceeds its budget
 * by up to one request of each of its agents. If that was the turn's last request, `status` is `completed` and `items` has
 * the answer.
 *
 * @example
 * ```ts
 * try {
 *   await thread.run('Rewrite everything', { budget: { totalTokens: 20_000 } });
 * } catch (error) {
 *   if (!TurnBudgetError.is(error)) throw error;
 *   console.log(error.budget, error.spent, error.limit); // totalTokens 30000 20000
 *   console.log(error.status, error.usage?.outputTokens); // interrupted 2000
 *   await save(error.threadId, String(error.continuation));
 * }
 * ```
 */
export class TurnBudgetError extends CodexError implements TurnMeasures {
  static override readonly errorName: string = 'TurnBudgetError';
  /** The thread it ran on. */
  readonly threadId: string;
  /** The turn. */
  readonly turnId: string;
  /** Whether it was stopped, or had completed by the time of the report. */
  readonly status: 'completed' | 'interrupted';
  /** The exceeded limit. */
  readonly budget: BudgetExcess['budget'];
  /** The value of the limit. */
  readonly limit: number;
  /** The usage of the turn and its sub-agents by then, in the unit of the limit. */
  readonly spent: number;
  /** The items that completed before. */
  readonly items: readonly ThreadItem[];
  /** Resumes the thread as of the end of the turn. */
  readonly continuation: ContinuationToken;
  /** The usage of its sub-agents by thread id, not included in `usage`. */
  readonly subagentUsage: Readonly<Record<string, TurnUsage>>;
  readonly startedAt!: Date | null;
  readonly completedAt!: Date | null;
  readonly durationMs!: number | null;
  readonly usage!: TurnUsage | null;
  readonly threadUsage!: TurnUsage | null;
  readonly lastRequestUsage!: TurnUsage | null;
  readonly modelContextWindow!: number | null;

  constructor(props: TurnBudgetErrorProps) {
    const { budget, limit, spent, status } = props;
    const end =
      status === 'completed'
        ? 'The turn had already completed: its answer is in items.'
        : 'The turn was stopped.';
    super(
      `The turn and its sub-agents spent ${spent} of ${limit} ${budget}. ${end} Pass a larger budget: { ${budget} }, or continue the thread with another turn.`,
      { code: 'turn-budget' },
    );
    this.threadId = props.threadId;
    this.turnId = props.turnId;
    this.status = status;
    this.budget = budget;
    this.limit = limit;
    this.spent = spent;
    this.items = props.items;
    this.continuation = props.continuation;
    this.subagentUsage = props.subagentUsage ?? {};
    Object.assign(this, props.measures ?? measured(null));
  }
}
