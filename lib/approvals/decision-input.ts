import { ValidationError, type ValidationProblem } from '../errors.js';
import { isPlainObject } from '../shapes.js';
import { shown } from '../validation.js';
import type { ApprovalVerdict } from './approval-decision.js';

/** Details of a decision. @inline */
export interface DecisionDetails {
  /** The reason, for telemetry. codex-rs and the model do not see it. */
  readonly reason?: string | undefined;
  /** The answers to questions by their ids, or the fields of a form. */
  readonly answers?: Readonly<Record<string, unknown>> | undefined;
}

/** A decision as JSON, such as the body of an HTTP request. @inline */
export interface DecisionInput extends DecisionDetails {
  /** One of the `decisions` of the request. */
  readonly decision: ApprovalVerdict;
}

const known = ['decision', 'reason', 'answers'];

/**
 * Validates a decision from outside. The request checks whether the decision is possible.
 *
 * @throws {@link ValidationError} with every problem
 * @internal
 */
export function decisionInput(given: unknown): DecisionInput {
  if (!isPlainObject(given))
    throw refused([{ path: '', reason: `must be an object, got ${shown(given)}` }]);
  const { decision, reason = null, answers = null } = given;
  const problems = Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: name, reason: `is not a known property: use ${known.join(', ')}` }));
  if (typeof decision !== 'string')
    problems.push({ path: 'decision', reason: `must be a string, got ${shown(decision)}` });
  if (reason !== null && typeof reason !== 'string')
    problems.push({ path: 'reason', reason: `must be a string, got ${shown(reason)}` });
  if (answers !== null && !isPlainObject(answers))
    problems.push({ path: 'answers', reason: `must be an object, got ${shown(answers)}` });
  if (problems.length > 0) throw refused(problems);
  return {
    decision: decision as ApprovalVerdict,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(isPlainObject(answers) ? { answers } : {}),
  };
}

function refused(problems: readonly ValidationProblem[]): ValidationError {
  return new ValidationError('approval decision', problems);
}
