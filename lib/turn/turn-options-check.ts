import { ValidationError } from '../errors.js';
import { isAbortSignal, isObject, isPlainObject } from '../shapes.js';
import { longestTimerMs } from '../timers.js';
import { optionSpellings } from '../options/option-reader.js';
import { ThreadOptions } from '../options/thread-options.js';
import type { RunOptions } from './run-options.js';
import { object, positive, problemsIn, type Rule, type Rules } from './rules.js';
import { budgetProblems } from './turn-budget.js';
import type { TurnTimeouts } from './turn-clock.js';
import { keyProblem } from './turn-key.js';

const timeoutRules: Readonly<Record<keyof TurnTimeouts, Rule>> = {
  ackMs: timeout,
  firstProgressMs: timeout,
  idleMs: timeout,
  totalMs: timeout,
};

const rules: Readonly<Record<Exclude<keyof RunOptions, 'repairs'>, Rule>> = {
  signal: (value) => (isAbortSignal(value) ? null : 'must be an AbortSignal'),
  timeouts: object,
  budget: object,
  whenBusy: (value) =>
    value === 'queue' || value === 'reject' ? null : 'must be "queue" or "reject"',
  source: (value) => (typeof value === 'string' ? null : 'must be a string'),
  approvals: (value) => (isObject(value) ? null : 'must be an ApprovalHandler'),
  idempotencyKey: keyProblem,
  onCutOff: (value) =>
    value === 'fail' || value === 'retake' ? null : 'must be "fail" or "retake"',
  // Checked elsewhere, with specific problems.
  options: () => null,
  output: () => null,
  outputSchema: () => null,
};

const runRules: Readonly<Record<keyof RunOptions, Rule>> = {
  ...rules,
  repairs: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0
      ? null
      : 'must be an integer, 0 or greater',
};

const { signal, timeouts, budget, whenBusy, approvals } = rules;
const rulesOf = {
  run: runRules,
  stream: rules,
  attach: { approvals },
  review: { signal, timeouts, whenBusy },
  pursue: { signal, timeouts, budget, approvals, tokenBudget: positive },
};

/**
 * Rejects invalid options of a turn, including unknown names.
 *
 * @throws {@link ValidationError} with every problem
 */
export function checkTurnOptions(given: object, how: keyof typeof rulesOf): void {
  const problems = problemsIn(given, rulesOf[how], '', {
    hint: (name) => hint(name, rulesOf[how]),
  });
  const { timeouts, budget, output, outputSchema, repairs, idempotencyKey, onCutOff } =
    given as Record<string, unknown>;
  if (isPlainObject(timeouts)) problems.push(...problemsIn(timeouts, timeoutRules, 'timeouts'));
  if (isPlainObject(budget)) problems.push(...budgetProblems(budget, 'budget'));
  if (output !== undefined && outputSchema !== undefined)
    problems.push({
      path: 'outputSchema',
      reason: 'cannot be combined with output: pass one of them',
    });
  if (Number(repairs) > 0 && output === undefined && outputSchema === undefined)
    problems.push({ path: 'repairs', reason: 'requires output or outputSchema' });
  if (onCutOff !== undefined && idempotencyKey === undefined)
    problems.push({ path: 'onCutOff', reason: 'requires idempotencyKey' });
  if (problems.length > 0) throw new ValidationError('turn options', problems);
}

function hint(name: string, known: Rules): string {
  if (known === rules && name === 'repairs') return ' for a streamed turn: use run()';
  const setting = optionSpellings(ThreadOptions.prototype).get(name);
  return setting === undefined ? '' : `: pass settings for one turn as options: { ${setting} }`;
}

function timeout(value: unknown): string | null {
  return typeof value === 'number' && value > 0 && value <= longestTimerMs
    ? null
    : `must be a number of milliseconds greater than 0 and at most ${longestTimerMs}`;
}
