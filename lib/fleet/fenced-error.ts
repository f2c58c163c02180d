import { CodexError } from '../errors.js';

/** What is known of a worker that was too late. @inline */
export interface FencedErrorProps {
  /** The key in the store. */
  readonly key: string;
  /** The thread. */
  readonly threadId: string;
  /** The key of the turn. */
  readonly idempotencyKey: string;
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * This worker was taken for dead, and another one has run the turn and recorded it. What was run here is dropped: the thread goes on
 * from the other one's turn. The job is done, so there is nothing to try again; asked for once more, it is `recorded`.
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
  /** The key of the turn. */
  readonly idempotencyKey: string;

  /** @internal */
  constructor({ key, threadId, idempotencyKey, cause }: FencedErrorProps) {
    super(
      `Another worker has run and recorded turn ${JSON.stringify(idempotencyKey)} of ${JSON.stringify(key)} meanwhile: what was run here is dropped.`,
      { code: 'fenced', cause },
    );
    this.key = key;
    this.threadId = threadId;
    this.idempotencyKey = idempotencyKey;
  }
}
