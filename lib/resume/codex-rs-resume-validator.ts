import { decode } from '../wire/decode.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import { judgeTail } from './thread-tail.js';
import type { ResumeClaim } from './resume-claim.js';
import { ResumeValidator } from './resume-validator.js';
import { archived, refusal } from './refusal.js';
import type { ResumeVerdict } from './resume-verdict.js';

/**
 * Validates against codex-rs with read-only calls: the thread exists, is not archived, and is at the turn of the token.
 * If codex-rs does not list turns, or not the token's, the thread is loaded once: only then are the listed turns up to
 * date.
 *
 * @example
 * ```ts
 * // The validator of every client that names none; to name it is to be explicit.
 * const { threadId } = await codex.startThread().run('Write the migration');
 * const resumeValidator = new CodexRsResumeValidator();
 * const thread = await codex.resumeThread(threadId, { resumeValidator });
 * console.log(thread.threadId === threadId); // true
 * ```
 *
 * @example Stubbed in a test
 * ```ts
 * const resumeValidator = sinon.createStubInstance(CodexRsResumeValidator);
 * const message = 'Two turns were added since.';
 * resumeValidator.validate.resolves({ accepted: false, reason: 'stale', message, advancedBy: 2 });
 * await using codex = new Codex({ resumeValidator, codexHome: home.path });
 *
 * expect(await continueTicket(codex, threadId)).to.equal('Start over: stale');
 * ```
 */
export class CodexRsResumeValidator extends ResumeValidator {
  protected override async judge(claim: ResumeClaim): Promise<ResumeVerdict> {
    try {
      const { thread } = await claim.request('thread/read', { threadId: claim.threadId });
      const { codexVersion } = claim;
      const server = codexVersion === undefined ? null : { codexVersion };
      const metadata = decode('thread/read', () => ThreadMetadata.fromJSON(thread), server);
      if (metadata.isArchived)
        return { accepted: false, reason: archived[0], message: archived[1] };
      const canUpdate = claim.updateTurns !== undefined;
      return await judgeTail(metadata, claim.continuation, {
        server,
        turns: async (params) => claim.request('thread/turns/list', params),
        ...(canUpdate ? { update: async () => claim.updateTurns?.() } : {}),
      });
    } catch (error) {
      return refusal(error);
    }
  }
}
