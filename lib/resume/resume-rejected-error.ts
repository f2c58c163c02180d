import { CodexError } from '../errors.js';
import type { RejectedVerdict, ResumeRejection } from './resume-verdict.js';

/** A thread was not resumed, and nothing was run; {@link ResumeRejectedError.reason} says why. */
export class ResumeRejectedError extends CodexError {
  static override readonly errorName: string = 'ResumeRejectedError';
  /** The thread that was asked for. */
  readonly threadId: string;
  /** Why, to branch on. */
  readonly reason: ResumeRejection;
  /** The whole judgement. */
  readonly verdict: RejectedVerdict;

  constructor(threadId: string, verdict: RejectedVerdict, cause?: unknown) {
    super(`Thread ${threadId} was not resumed (${verdict.reason}): ${verdict.message}`, {
      code: 'resume-rejected',
      retryable: verdict.reason === 'busy' || verdict.reason === 'backend-unavailable',
      cause,
    });
    this.threadId = threadId;
    this.reason = verdict.reason;
    this.verdict = verdict;
  }
}
