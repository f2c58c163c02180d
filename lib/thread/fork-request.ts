import { ValidationError, type ValidationProblem } from '../errors.js';
import { canonicalId, turnIdProblem } from '../ids.js';
import { shown } from '../validation.js';
import { takenOut } from '../options/option-reader.js';
import type { ForkPoint } from './thread-backend.js';
import type {
  PythonThreadOptionsRecord,
  ThreadOptionsInput,
  ThreadOptionsRecord,
} from '../options/thread-options.js';
import type { Entries } from '../options/option-records.js';

/** Options of a fork: the fork point and the changed options in one flat object. */
export interface ForkOptions extends ThreadOptionsRecord, ForkPoint {}

/** Options of a fork as an object, a `Map`, or `[name, value]` entries. */
export type ForkOptionsInput = (ForkOptions & PythonThreadOptionsRecord) | Entries;

/**
 * Separates the fork point from the other options.
 *
 * @throws {@link ValidationError} if the point is not valid, or if there are two
 * @internal
 */
export function forkRequest(options: ForkOptionsInput): {
  readonly point: ForkPoint;
  readonly changes: ThreadOptionsInput;
} {
  const { taken, rest } = takenOut(options, ['at', 'before']);
  const problems: ValidationProblem[] = Object.entries(taken).flatMap(([path, value]) => {
    const reason = turnIdProblem(value);
    return reason === null ? [] : [{ path, reason: `${reason}, got ${shown(value)}` }];
  });
  if ('at' in taken && 'before' in taken)
    problems.push({ path: 'before', reason: 'cannot be combined with "at": pass one of them' });
  if (problems.length > 0) throw new ValidationError('fork options', problems);
  const point = Object.fromEntries(
    Object.entries(taken).map(([name, id]) => [name, canonicalId(id as string)]),
  );
  return { point, changes: rest as ThreadOptionsInput };
}
