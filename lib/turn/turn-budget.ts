import type { ValidationProblem } from '../errors.js';
import { isPlainObject } from '../shapes.js';
import { joined } from '../validation.js';
import { costOf, rateProblems, type TokenRates } from './cost.js';
import { object, positive, problemsIn, type Rule } from './rules.js';
import type { TurnUsage } from './usage.js';

/** Usage limits of a turn, over all its model requests and those of its sub-agents. @inline */
export interface TurnBudget {
  /** Input plus output. */
  readonly totalTokens?: number;
  /** Output of the models, reasoning included. */
  readonly outputTokens?: number;
  /** The total cost at your own rates, which apply to sub-agents too. */
  readonly cost?: {
    /** The limit, in the currency of the rates. */
    readonly limit: number;
    /** The price of a million tokens of each kind. */
    readonly rates: TokenRates;
  };
}

/** An exceeded limit of a {@link TurnBudget} with the usage by then. @inline */
export interface BudgetExcess {
  /** The exceeded limit. */
  readonly budget: keyof TurnBudget;
  /** The value of the limit. */
  readonly limit: number;
  /** The usage by then, in the unit of the limit. */
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

/** The problems of a budget. */
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
