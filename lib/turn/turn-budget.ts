import type { ValidationProblem } from '../errors.js';
import { isPlainObject } from '../shapes.js';
import { joined } from '../validation.js';
import { costOf, rateProblems, type TokenRates } from './cost.js';
import { object, positive, problemsIn, type Rule } from './rules.js';
import type { TurnUsage } from './usage.js';

/** How much a turn may spend, over all its model requests and those of its sub-agents. @inline */
export interface TurnBudget {
  /** Input plus output. */
  readonly totalTokens?: number;
  /** What the models produced, reasoning included. */
  readonly outputTokens?: number;
  /** What all that costs by your own rates; those count for sub-agents, too. */
  readonly cost?: {
    /** The limit, in the currency of the rates. */
    readonly limit: number;
    /** The price of a million tokens of each kind. */
    readonly rates: TokenRates;
  };
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

const rules: Readonly<Record<keyof TurnBudget, Rule>> = {
  totalTokens: positive,
  outputTokens: positive,
  cost: object,
};

/** The first limit that is exceeded, or null. */
export function excessOf(budget: TurnBudget, usage: TurnUsage): BudgetExcess | null {
  const { totalTokens, outputTokens, cost } = budget;
  const limits = [
    ['totalTokens', totalTokens, usage.totalTokens],
    ['outputTokens', outputTokens, usage.outputTokens],
    ['cost', cost?.limit, cost === undefined ? 0 : costOf(usage, cost.rates)],
  ] as const;
  for (const [name, limit, spent] of limits)
    if (limit !== undefined && spent > limit) return { budget: name, limit, spent };
  return null;
}

/** Everything that is wrong with a budget. */
export function budgetProblems(budget: object, path: string): ValidationProblem[] {
  const problems = problemsIn(budget, rules, path);
  const { cost } = budget as { readonly cost?: unknown };
  if (!isPlainObject(cost)) return problems;
  const at = joined(path, 'cost');
  return [
    ...problems,
    ...problemsIn(cost, { limit: positive, rates: () => null }, at, {
      required: ['limit', 'rates'],
    }),
    ...(cost.rates === undefined ? [] : rateProblems(cost.rates, joined(at, 'rates'))),
  ];
}
