// Snippets of the doc comments of resume validators and their refusals.
import {
  Codex,
  CodexRsResumeValidator,
  ResumeRejectedError,
  ResumeValidator,
  telemetry,
  type ResumeClaim,
  type ResumeVerdict,
} from '../../lib/index.js';
import { PythonFixtureResumeValidator } from '../../lib/parity/index.js';
import type { Stage } from './stage.js';

// #region ResumeValidator
class RecentOnly extends ResumeValidator {
  protected override async judge(claim: ResumeClaim): Promise<ResumeVerdict> {
    const verdict = await new CodexRsResumeValidator().validate(claim);
    if (!verdict.accepted || Date.now() - verdict.metadata.updatedAt.getTime() < 86_400_000)
      return verdict;
    return { accepted: false, reason: 'metadata-mismatch', message: 'It is older than a day.' };
  }
}
// #endregion

export async function ownValidator({ codex }: Stage): Promise<void> {
  const { threadId } = await codex.startThread().run('Write the migration');
  // #region ThreadBuilder.withResumeValidator
  const recent = codex.thread().withResumeValidator(new RecentOnly());
  const thread = await recent.resume(threadId);
  console.log(thread.threadId === threadId); // true
  // #endregion
}

export async function codexRsValidator({ codex }: Stage): Promise<void> {
  // #region CodexRsResumeValidator
  // The validator of every client that names none; to name it is to be explicit.
  const { threadId } = await codex.startThread().run('Write the migration');
  const resumeValidator = new CodexRsResumeValidator();
  const thread = await codex.resumeThread(threadId, { resumeValidator });
  console.log(thread.threadId === threadId); // true
  // #endregion
}

export async function pythonValidator(): Promise<void> {
  // #region PythonFixtureResumeValidator
  await using codex = new Codex({ resumeValidator: new PythonFixtureResumeValidator() });
  const thread = await codex.resumeThread('c97e1f6f-0000-7000-8000-000000000004');
  console.log(thread.metadata?.preview); // Say hello
  // #endregion
}

export async function rejected({ codex }: Stage): Promise<void> {
  // #region ResumeRejectedError
  const thread = codex.startThread();
  const { threadId, continuation } = await thread.run('Write the migration');
  await thread.run('And now the tests');

  try {
    await codex.resumeThread(threadId, { continuation });
  } catch (error) {
    if (!ResumeRejectedError.is(error)) throw error;
    console.log(error.reason, error.verdict.advancedBy, error.retryable); // stale 1 false
  }
  // #endregion
}

export async function mismatch({ codex }: Stage): Promise<void> {
  // #region TelemetryChannel
  const stop = telemetry.resumeMismatch.subscribe(({ reason }) => {
    console.log(reason); // unknown-thread
  });
  await codex.resumeThread('00000000-0000-4000-8000-000000000000').catch(() => null);
  stop();
  // #endregion
}

export async function channels({ codex }: Stage): Promise<void> {
  // #region telemetry
  const stop = telemetry.turnEnd.subscribe(({ status, totalTokens, errorCode }) => {
    console.log(status, totalTokens, errorCode); // completed 15 null
  });
  await codex.startThread().run('Write the migration');
  stop();
  // #endregion
}
