import { CodexError } from '../errors.js';

/** Properties of a {@link ThreadConflictError}. @inline */
export interface ThreadConflictErrorProps {
  /** The key in the store. */
  readonly key: string;
  /** The thread, or null if unknown. */
  readonly threadId?: string | null;
  /** `version-conflict` by default. */
  readonly code?: 'version-conflict' | 'history-diverged';
  /** Whether the same call may succeed later. Defaults to `true`. */
  readonly retryable?: boolean;
  /** The cause. */
  readonly cause?: unknown;
}

/**
 * A thread does not have the expected state, and nothing was overwritten: another process has saved it meanwhile
 * (`version-conflict`, which is retryable: load it again), or its local history differs from the recorded one
 * (`history-diverged`).
 *
 * @example
 * ```ts
 * try {
 *   await store.save('ticket/PAY-123', next, { ifVersion: null });
 * } catch (error) {
 *   if (!ThreadConflictError.is(error)) throw error;
 *   console.log(error.code, error.retryable, error.key); // version-conflict true ticket/PAY-123
 * }
 * ```
 */
export class ThreadConflictError extends CodexError {
  static override readonly errorName: string = 'ThreadConflictError';
  /** The kind of conflict, to branch on. */
  declare readonly code: 'version-conflict' | 'history-diverged';
  /** The key in the store. */
  readonly key: string;
  /** The thread, or null if unknown. */
  readonly threadId: string | null;

  /** The message describes the conflict and the remedy. */
  constructor(message: string, props: ThreadConflictErrorProps) {
    const { key, threadId = null, code = 'version-conflict', cause } = props;
    super(message, { code, retryable: props.retryable ?? code === 'version-conflict', cause });
    this.key = key;
    this.threadId = threadId;
  }
}

/** A bundle that existed when the thread was loaded no longer exists. */
export function goneBundle(key: string, cause?: unknown): ThreadConflictError {
  return new ThreadConflictError(
    `The bundle under ${JSON.stringify(key)} no longer exists: another process has saved or deleted the thread since it was loaded. Load it again.`,
    { key, cause },
  );
}
