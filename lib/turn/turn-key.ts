import { ValidationError } from '../errors.js';
import { shown } from '../validation.js';

/** The longest key, in characters; codex-rs keeps it with the turn. */
const longestKey = 200;

/** The reason why a value is not a valid idempotency key; null if it is valid. */
export function keyProblem(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' && value.length <= longestKey
    ? null
    : `must be a non-blank string of at most ${longestKey} characters`;
}

/**
 * An idempotency key.
 *
 * @throws {@link ValidationError} if it is blank or too long
 */
export function checkedKey(value: unknown): string {
  const reason = keyProblem(value);
  if (reason === null) return value as string;
  throw new ValidationError('idempotency key', [
    { path: '', reason: `${reason}, got ${shown(value)}` },
  ]);
}

/** The key of a turn in which the model corrects the answer of the turn with this key. */
export function repairKey(key: string, number: number): string {
  return number === 0 ? key : `${key}/repair-${number}`;
}
