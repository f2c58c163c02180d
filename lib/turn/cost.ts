import { ValidationError, type ValidationProblem } from '../errors.js';
import { isPlainObject } from '../shapes.js';
import { shown } from '../validation.js';
import { notNegative, problemsIn, type Rule } from './rules.js';
import type { TurnUsage } from './usage.js';

/**
 * The cost of usage at your own rates, in their currency. The library has no price table, because prices change. If the
 * provider reported no usage (null), the cost is null.
 *
 * @throws {@link ValidationError} for invalid rates
 *
 * @example
 * ```ts
 * const rates = { input: 1.25, cachedInput: 0.125, output: 10 };
 * const { usage, subagentUsage } = await thread.run('Why is the build red?');
 * const costs = [usage, ...Object.values(subagentUsage)].map((spent) => costOf(spent, rates) ?? 0);
 * console.log(costs.reduce((sum, cost) => sum + cost).toFixed(6)); // 0.000063
 * ```
 */
export function costOf(usage: TurnUsage, rates: TokenRates): number;
/** The same for usage that may be unknown. */
export function costOf(usage: TurnUsage | null, rates: TokenRates): number | null;
export function costOf(usage: TurnUsage | null, rates: TokenRates): number | null {
  const problems = rateProblems(rates, '');
  if (problems.length > 0) throw new ValidationError('rates', problems);
  if (usage === null) return null;
  const { input, cachedInput = input, cacheWriteInput = input, output } = rates;
  const { cachedInputTokens, cacheWriteInputTokens, outputTokens } = usage;
  const plain = usage.inputTokens - cachedInputTokens - cacheWriteInputTokens;
  const millionths =
    plain * input +
    cachedInputTokens * cachedInput +
    cacheWriteInputTokens * cacheWriteInput +
    outputTokens * output;
  return millionths / 1_000_000;
}

/** The price of a million tokens of each kind. @inline */
export interface TokenRates {
  /** Input that is neither read from nor written to the provider's cache. */
  readonly input: number;
  /** Input from the provider's cache. Defaults to `input`. */
  readonly cachedInput?: number;
  /** Input that is written to the provider's cache. Defaults to `input`. */
  readonly cacheWriteInput?: number;
  /** Output, reasoning included. */
  readonly output: number;
}

const rules: Readonly<Record<keyof TokenRates, Rule>> = {
  input: notNegative,
  cachedInput: notNegative,
  cacheWriteInput: notNegative,
  output: notNegative,
};

/** The problems of the rates. */
export function rateProblems(rates: unknown, path: string): ValidationProblem[] {
  if (!isPlainObject(rates)) return [{ path, reason: `must be an object, got ${shown(rates)}` }];
  return problemsIn(rates, rules, path, { required: ['input', 'output'] });
}
