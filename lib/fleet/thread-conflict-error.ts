import { CodexError } from '../errors.js';

/** What is known of a conflict. @inline */
export interface ThreadConflictErrorProps {
  /** The key in the store. */
  readonly key: string;
  /** The thread, or null when it is not known. */
  readonly threadId?: string | null;
  /** `version-conflict` by default. */
  readonly code?: 'version-conflict' | 'history-diverged';
  /** Whether the same call may succeed later. Defaults to `true`. */
  readonly retryable?: boolean;
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * A thread is not where it was expected to be, and nothing was overwritten: somebody else has saved it meanwhile
 * (`version-conflict`, which is retryable: load it again), or its history here is not the one that was recorded
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
  /** What is in the way, to branch on. */
  declare readonly code: 'version-conflict' | 'history-diverged';
  /** The key in the store. */
  readonly key: string;
  /** The thread, or null when it is not known. */
  readonly threadId: string | null;

  /** The message says what was found and what to do. */
  constructor(message: string, props: ThreadConflictErrorProps) {
    const { key, threadId = null, code = 'version-conflict', cause } = props;
    super(message, { code, retryable: props.retryable ?? code === 'version-conflict', cause });
    this.key = key;
    this.threadId = threadId;
  }
}

/** A bundle is not there any more that was there when the thread was loaded. */
export function goneBundle(key: string, cause?: unknown): ThreadConflictError {
  return new ThreadConflictError(
    `The bundle under ${JSON.stringify(key)} is gone: somebody else has saved or deleted it since it was loaded. Load it again.`,
    { key, cause },
  );
}
