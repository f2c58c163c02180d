import { CodexError } from '../errors.js';
import type { RejectedVerdict, ResumeRejection } from './resume-verdict.js';

/**
 * A thread was not resumed, and no turn was run; {@link ResumeRejectedError.reason} is the reason.
 *
 * @example
 * ```ts
 * const thread = codex.startThread();
 * const { threadId, continuation } = await thread.run('Write the migration');
 * await thread.run('And now the tests');
 *
 * try {
 *   await codex.resumeThread(threadId, { continuation });
 * } catch (error) {
 *   if (!ResumeRejectedError.is(error)) throw error;
 *   console.log(error.reason, error.verdict.advancedBy, error.retryable); // stale 1 false
 * }
 * ```
 */
export class ResumeRejectedError extends CodexError {
  static override readonly errorName: string = 'ResumeRejectedError';
  /** The requested thread. */
  readonly threadId: string;
  /** The reason, to branch on. */
  readonly reason: ResumeRejection;
  /** The whole verdict. */
  readonly verdict: RejectedVerdict;

  constructor(threadId: string, verdict: RejectedVerdict, cause?: unknown) {
    super(`Thread ${threadId} was not resumed (${verdict.reason}): ${verdict.message}`, {
      code: 'resume-rejected',
      retryable: isPassing(verdict),
      cause,
    });
    this.threadId = threadId;
    this.reason = verdict.reason;
    this.verdict = verdict;
  }
}

/** A start that can never succeed makes codex-rs permanently unavailable. */
function isPassing({ reason, evidence }: RejectedVerdict): boolean {
  return reason === 'busy' || (reason === 'backend-unavailable' && evidence?.retryable !== false);
}
