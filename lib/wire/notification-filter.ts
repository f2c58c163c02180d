import { ValidationError, type ValidationProblem } from '../errors.js';
import type { ServerNotification } from '../protocol/index.js';
import { canonicalId, threadIdProblem } from '../ids.js';
import { isAbortSignal } from '../shapes.js';
import { entriesOf, shown } from '../validation.js';

/** The method name of a codex-rs notification. */
export type NotificationMethod = ServerNotification['method'];
/** A codex-rs notification, by its method, as it is on the wire. */
export type Notification<M extends NotificationMethod = NotificationMethod> = Extract<
  ServerNotification,
  Record<'method', M>
>;

/** Selects notifications; without any condition, all of them. */
export interface NotificationFilter<M extends NotificationMethod = NotificationMethod> {
  /** Only notifications with these methods. */
  readonly methods?: readonly M[] | undefined;
  /** Only notifications of this thread. */
  readonly threadId?: string | undefined;
  /**
   * The number of notifications that may wait for a slow reader before the iteration fails. codex-rs itself is never
   * blocked. Defaults to 10 000.
   */
  readonly maxWaiting?: number | undefined;
  /** Ends the iteration by throwing the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the filter unchanged if it is valid: with a misspelled condition, it would match everything.
 *
 * @throws {@link ValidationError} with all problems
 * @internal
 */
export function checkedFilter<F extends NotificationFilter>(filter: F): F {
  const problems: ValidationProblem[] = (entriesOf(filter) ?? [['', filter]]).flatMap(
    ([path, value]) => {
      const reason = value === undefined ? null : objection(String(path), value);
      return reason === null
        ? []
        : [{ path: String(path), reason: `${reason}, got ${shown(value)}` }];
    },
  );
  if (problems.length > 0) throw new ValidationError('notification filter', problems);
  const { threadId } = filter;
  return threadId === undefined ? filter : { ...filter, threadId: canonicalId(threadId) };
}

function objection(name: string, value: unknown): string | null {
  switch (name) {
    case 'methods':
      return Array.isArray(value) && value.every((one) => typeof one === 'string')
        ? null
        : 'must be an array of notification methods';
    case 'threadId':
      return threadIdProblem(value);
    case 'maxWaiting':
      return typeof value === 'number' && value >= 1 ? null : 'must be a number of at least 1';
    case 'signal':
      return isAbortSignal(value) ? null : 'must be an AbortSignal';
    case '':
      return 'must be an object';
    default:
      return 'is unknown: use methods, threadId, maxWaiting or signal';
  }
}
