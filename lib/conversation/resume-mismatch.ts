import { Redactor } from '../redaction.js';
import { ResumeRejectedError } from '../resume/resume-rejected-error.js';
import { telemetry } from '../telemetry/telemetry.js';

const credentials = new Redactor();

/** Publishes a rejected resume to the channel before the error is thrown; ignores other errors. */
export function tellMismatch(error: unknown): void {
  if (!ResumeRejectedError.is(error)) return;
  const { threadId, reason, verdict } = error;
  telemetry.resumeMismatch.publish(() => ({
    threadId,
    reason,
    // A validator may return any text.
    message: credentials.redact(verdict.message),
    advancedBy: verdict.advancedBy ?? null,
  }));
}
