import { ValidationError, type ValidationProblem } from '../errors.js';
import type { ServerNotification } from '../protocol/index.js';
import { canonicalId, threadIdProblem } from '../ids.js';
import { isAbortSignal } from '../shapes.js';
import { entriesOf, shown } from '../validation.js';

/** The name of a notification that codex-rs sends. */
export type NotificationMethod = ServerNotification['method'];
/** A notification of codex-rs, by its method: the wire's own value. */
export type Notification<M extends NotificationMethod = NotificationMethod> = Extract<
  ServerNotification,
  Record<'method', M>
>;

/** Which notifications are given; without any condition, all of them. */
export interface NotificationFilter<M extends NotificationMethod = NotificationMethod> {
  /** Only those of these methods. */
  readonly methods?: readonly M[] | undefined;
  /** Only those about this thread. */
  readonly threadId?: string | undefined;
  /** How many may wait for a slow reader before the iteration fails: codex-rs itself is never held up. Defaults to 10 000. */
  readonly maxWaiting?: number | undefined;
  /** Ends the iteration; the reader sees its reason thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The filter as it was given, once it was found to be one: a misspelt condition would let everything pass.
 *
 * @throws {@link ValidationError} with everything that is wrong with it
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
        : 'must be a list of the names of notifications';
    case 'threadId':
      return threadIdProblem(value);
    case 'maxWaiting':
      return typeof value === 'number' && value >= 1 ? null : 'must be a number from 1 on';
    case 'signal':
      return isAbortSignal(value) ? null : 'must be an AbortSignal';
    case '':
      return 'must be an object';
    default:
      return 'is none of methods, threadId, maxWaiting, signal';
  }
}
