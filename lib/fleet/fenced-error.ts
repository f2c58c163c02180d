import { CodexError } from '../errors.js';

/** Properties of a {@link FencedError}. @inline */
export interface FencedErrorProps {
  /** The key in the store. */
  readonly key: string;
  /** The thread. */
  readonly threadId: string;
  /** The idempotency key of the turn. */
  readonly idempotencyKey: string;
  /** The cause. */
  readonly cause?: unknown;
}

/**
 * This worker was considered dead, and another one has run the turn and recorded it. The turn of this worker is discarded:
 * the thread continues from the other one's turn. The job is done and needs no retry; a repeated call returns `recorded`.
 *
 * @example
 * ```ts
 * try {
 *   await runTurn(store, codex, 'PAY-123', 'Write the migration', { idempotencyKey: 'job-7' });
 * } catch (error) {
 *   if (!FencedError.is(error)) throw error;
 *   console.log(error.code, error.idempotencyKey); // fenced job-7
 * }
 * ```
 */
export class FencedError extends CodexError {
  static override readonly errorName: string = 'FencedError';
  /** The key in the store. */
  readonly key: string;
  /** The thread. */
  readonly threadId: string;
  /** The idempotency key of the turn. */
  readonly idempotencyKey: string;

  /** @internal */
  constructor({ key, threadId, idempotencyKey, cause }: FencedErrorProps) {
    super(
      `Another worker ran and recorded turn ${JSON.stringify(idempotencyKey)} of ${JSON.stringify(key)} in the meantime: the result of this worker is discarded.`,
      { code: 'fenced', cause },
    );
    this.key = key;
    this.threadId = threadId;
    this.idempotencyKey = idempotencyKey;
  }
}
