import { ValidationError } from '../errors.js';
import { shown } from '../validation.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a value has the form of a thread's id. */
export function isThreadId(value: unknown): value is string {
  return typeof value === 'string' && uuid.test(value);
}

/**
 * The id itself.
 *
 * @throws {@link ValidationError} when it does not have the form of one
 */
export function checkedThreadId(value: unknown): string {
  if (isThreadId(value)) return value;
  throw new ValidationError('The id of a thread', [
    { path: '', reason: `must be a UUID, got ${shown(value)}` },
  ]);
}
