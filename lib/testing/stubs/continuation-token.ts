import { ContinuationToken } from '../../record/continuation-token.js';
import { Secret } from '../../redaction.js';

/** The position of a thread in a {@link continuationToken}. */
export interface ContinuationTokenProps {
  /** The thread of the token. */
  readonly threadId: string;
  /** The thread's last turn; null for a thread without one. */
  readonly turnId: string | null;
  /** Signs the token, as a client with this `continuationSecret` does. Without it the token is unsigned. */
  readonly secret?: string | Secret;
}

/**
 * Issues a valid continuation token, as a turn does. A token of an earlier turn is rejected as `stale`; a token with a
 * turn that the thread does not have is rejected as `diverged`.
 *
 * @example
 * ```ts
 * const { threadId } = await codex.startThread().run('Write the migration');
 *
 * const turnId = '01a20000-0000-7000-8000-000000000002';
 * const continuation = continuationToken({ threadId, turnId });
 * const resumed = codex.resumeThread(threadId, { continuation });
 *
 * const error: unknown = await resumed.catch((reason: unknown) => reason);
 * console.log(ResumeRejectedError.is(error) && error.reason); // diverged
 * ```
 */
export function continuationToken({
  secret,
  ...claims
}: ContinuationTokenProps): ContinuationToken {
  return ContinuationToken.issue(claims, typeof secret === 'string' ? new Secret(secret) : secret);
}
