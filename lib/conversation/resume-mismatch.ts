import { Redactor } from '../redaction.js';
import { ResumeRejectedError } from '../resume/resume-rejected-error.js';
import { telemetry } from '../telemetry/telemetry.js';

const credentials = new Redactor();

/** Tells the channel that a resume was refused, right before the error is thrown; other errors are none of its business. */
export function tellMismatch(error: unknown): void {
  if (!ResumeRejectedError.is(error)) return;
  const { threadId, reason, verdict } = error;
  telemetry.resumeMismatch.publish(() => ({
    threadId,
    reason,
    // A validator may say anything.
    message: credentials.redact(verdict.message),
    advancedBy: verdict.advancedBy ?? null,
  }));
}
