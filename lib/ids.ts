import { ValidationError } from './errors.js';
import { shown } from './validation.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The id of a thread or a turn in the form that codex-rs uses: a lower-case UUID. SQL Server and .NET store UUIDs in
 * upper case. Ids in other forms stay unchanged.
 */
export function canonicalId(id: string): string {
  return uuid.test(id) ? id.toLowerCase() : id;
}

/** Why a value is not a valid thread id, or null. */
export function threadIdProblem(value: unknown): string | null {
  return typeof value === 'string' && uuid.test(value) ? null : 'must be a UUID';
}

/** Why a value is not a valid turn id, or null. */
export function turnIdProblem(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? null : 'must be a turn id';
}

/**
 * Returns the canonical id of a thread.
 *
 * @throws {@link ValidationError} if the value is not a UUID
 */
export function checkedThreadId(value: unknown): string {
  const reason = threadIdProblem(value);
  if (reason === null) return canonicalId(value as string);
  throw new ValidationError('thread id', [{ path: '', reason: `${reason}, got ${shown(value)}` }]);
}
