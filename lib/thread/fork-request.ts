import { ValidationError, type ValidationProblem } from '../errors.js';
import { entriesOf, shown } from '../validation.js';
import type { ForkPoint } from './thread-actions.js';
import type { ThreadOptionsInput, ThreadOptionsRecord } from './thread-options.js';

/** How a thread is forked: the point and what differs from its options, in one flat object, `Map` or entries. */
export type ForkOptions =
  (ThreadOptionsRecord & ForkPoint) | Iterable<readonly [name: string, value: unknown]>;

/**
 * Takes the point out of the options of a fork.
 *
 * @throws {@link ValidationError} for a point that is none, or two
 * @internal
 */
export function forkRequest(options: ForkOptions): {
  readonly point: ForkPoint;
  readonly changes: ThreadOptionsInput;
} {
  const entries = entriesOf(options);
  // Something that holds no options is refused where options are.
  if (entries === null) return { point: {}, changes: options as ThreadOptionsInput };
  const isPoint = ([name, value]: readonly [unknown, unknown]): boolean =>
    (name === 'at' || name === 'before') && value !== undefined;
  const point = Object.fromEntries(entries.filter(isPoint)) as ForkPoint;
  const problems: ValidationProblem[] = Object.entries(point)
    .filter(([, value]: [string, unknown]) => typeof value !== 'string' || value === '')
    .map(([path, value]) => ({ path, reason: `must be the id of a turn, got ${shown(value)}` }));
  if (point.at !== undefined && point.before !== undefined)
    problems.push({ path: 'before', reason: 'is given beside "at": a fork ends at one of them' });
  if (problems.length > 0) throw new ValidationError('The options of a fork', problems);
  const changes = new Map(entries.filter(([name]) => name !== 'at' && name !== 'before'));
  return { point, changes: changes as ReadonlyMap<string, unknown> };
}
