import { ValidationError, type ValidationProblem } from '../errors.js';
import { isAbortSignal, isObject, isPlainObject } from '../shapes.js';
import { longestTimerMs } from '../timers.js';
import type { TurnBudget } from './turn-budget.js';
import type { TurnTimeouts } from './turn-clock.js';
import { keyProblem } from './turn-key.js';
import { entriesOf, shown } from '../validation.js';
import { nearestName } from '../options/nearest-name.js';
import { optionSpellings } from '../options/option-reader.js';
import type { RunOptions } from './run-options.js';
import { ThreadOptions } from '../options/thread-options.js';

/** What must be said of a value that an option cannot have; null when it can. */
type Rule = (value: unknown) => string | null;

const timeoutRules: Readonly<Record<keyof TurnTimeouts, Rule>> = {
  ackMs: timeout,
  firstProgressMs: timeout,
  idleMs: timeout,
  totalMs: timeout,
};

const budgetRules: Readonly<Record<keyof TurnBudget, Rule>> = {
  totalTokens: amount,
  outputTokens: amount,
};

const rules: Readonly<Record<Exclude<keyof RunOptions, 'repairs'>, Rule>> = {
  signal: (value) => (isAbortSignal(value) ? null : 'must be an AbortSignal'),
  timeouts: (value) => (isPlainObject(value) ? null : 'must be an object'),
  budget: (value) => (isPlainObject(value) ? null : 'must be an object'),
  whenBusy: (value) =>
    value === 'queue' || value === 'reject' ? null : 'must be "queue" or "reject"',
  source: (value) => (typeof value === 'string' ? null : 'must be a text'),
  approvals: (value) => (isObject(value) ? null : 'must be an ApprovalHandler'),
  idempotencyKey: keyProblem,
  onCutOff: (value) =>
    value === 'fail' || value === 'retake' ? null : 'must be "fail" or "retake"',
  // Read by others, who say what is wrong with them.
  options: () => null,
  output: () => null,
  outputSchema: () => null,
};

const runRules: Readonly<Record<keyof RunOptions, Rule>> = {
  ...rules,
  repairs: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0
      ? null
      : 'must be a whole number from 0',
};

const rulesOf = { run: runRules, stream: rules, attach: { approvals: rules.approvals } };

/**
 * Refuses options of a turn that cannot be, also names that there are not.
 *
 * @throws {@link ValidationError} with everything that is wrong
 */
export function checkTurnOptions(given: object, how: keyof typeof rulesOf): void {
  const problems = problemsIn(given, rulesOf[how], '');
  const { timeouts, budget, output, outputSchema, repairs, idempotencyKey, onCutOff } =
    given as Record<string, unknown>;
  if (isPlainObject(timeouts)) problems.push(...problemsIn(timeouts, timeoutRules, 'timeouts.'));
  if (isPlainObject(budget)) problems.push(...problemsIn(budget, budgetRules, 'budget.'));
  if (output !== undefined && outputSchema !== undefined)
    problems.push({
      path: 'outputSchema',
      reason: 'must not stand beside output: pass one of them',
    });
  if (Number(repairs) > 0 && output === undefined && outputSchema === undefined)
    problems.push({ path: 'repairs', reason: 'needs an output that can be mended' });
  if (onCutOff !== undefined && idempotencyKey === undefined)
    problems.push({ path: 'onCutOff', reason: 'needs an idempotencyKey' });
  if (problems.length > 0) throw new ValidationError('turn options', problems);
}

function problemsIn(
  given: object,
  known: Readonly<Record<string, Rule>>,
  prefix: string,
): ValidationProblem[] {
  return (entriesOf(given) ?? []).flatMap(([key, value]) => {
    const name = String(key);
    if (value === undefined) return [];
    const path = `${prefix}${name}`;
    const rule = Object.hasOwn(known, name) ? known[name] : undefined;
    if (rule === undefined) return [{ path, reason: `is unknown${hint(name, known)}` }];
    const reason = rule(value);
    return reason === null ? [] : [{ path, reason: `${reason}, got ${shown(value)}` }];
  });
}

function hint(name: string, known: Readonly<Record<string, Rule>>): string {
  const nearest = nearestName(name, Object.keys(known));
  if (nearest !== undefined) return `: did you mean ${nearest}?`;
  if (known === rules && name === 'repairs') return ' to a turn that is streamed: use run()';
  const setting = optionSpellings(ThreadOptions.prototype).get(name);
  return setting === undefined ? '' : `: settings for one turn go into options: { ${setting} }`;
}

function amount(value: unknown): string | null {
  return typeof value === 'number' && value > 0 ? null : 'must be a number above 0';
}

function timeout(value: unknown): string | null {
  return typeof value === 'number' && value > 0 && value <= longestTimerMs
    ? null
    : `must be a number of milliseconds above 0, at most ${longestTimerMs}`;
}
