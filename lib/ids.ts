import { ValidationError } from './errors.js';
import { shown } from './validation.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The id of a thread or a turn as codex-rs writes it: a UUID in lower case, though SQL Server and .NET store it in upper
 * case. Ids of other forms stay as they are.
 */
export function canonicalId(id: string): string {
  return uuid.test(id) ? id.toLowerCase() : id;
}

/** Why a value cannot be the id of a thread; null when it can. */
export function threadIdProblem(value: unknown): string | null {
  return typeof value === 'string' && uuid.test(value) ? null : 'must be a UUID';
}

/** Why a value cannot be the id of a turn; null when it can. */
export function turnIdProblem(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? null : 'must be the id of a turn';
}

/**
 * The canonical id of a thread.
 *
 * @throws {@link ValidationError} when the value is not a UUID
 */
export function checkedThreadId(value: unknown): string {
  const reason = threadIdProblem(value);
  if (reason === null) return canonicalId(value as string);
  throw new ValidationError('thread id', [{ path: '', reason: `${reason}, got ${shown(value)}` }]);
}
