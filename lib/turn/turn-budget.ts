import type { TurnUsage } from './usage.js';

/** How much a turn may spend, over all its model requests and those of its sub-agents. @inline */
export interface TurnBudget {
  /** Input plus output. */
  readonly totalTokens?: number;
  /** What the models produced, reasoning included. */
  readonly outputTokens?: number;
}

/** A limit of a {@link TurnBudget}, and how much was spent by then. @inline */
export interface BudgetExcess {
  /** Which limit was exceeded. */
  readonly budget: keyof TurnBudget;
  /** How large it was. */
  readonly limit: number;
  /** How much was spent by then. */
  readonly spent: number;
}

const limits = ['totalTokens', 'outputTokens'] as const satisfies readonly (keyof TurnBudget)[];

/** The first limit that is exceeded, or null. */
export function excessOf(budget: TurnBudget, usage: TurnUsage): BudgetExcess | null {
  for (const name of limits) {
    const [limit, spent] = [budget[name], usage[name]];
    if (limit !== undefined && spent > limit) return { budget: name, limit, spent };
  }
  return null;
}
