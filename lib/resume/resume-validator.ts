import type { ResumeClaim } from './resume-claim.js';
import type { RejectedVerdict, ResumeJudgement, ResumeVerdict } from './resume-verdict.js';
import { wholeVerdict } from './whole-verdict.js';
import { isError } from '../shapes.js';

/**
 * Validates whether a thread may be continued. Extend it and implement {@link ResumeValidator.judge}. Callers use
 * {@link ResumeValidator.validate}, which fails closed: an error or an invalid verdict is a rejection. An acceptance
 * may omit fields; they are completed.
 *
 * Not abstract, so that `sinon.createStubInstance(ResumeValidator)` works; the default rejects everything.
 *
 * @example
 * ```ts
 * class RecentOnly extends ResumeValidator {
 *   protected override async judge(claim: ResumeClaim): Promise<ResumeVerdict> {
 *     const verdict = await new CodexRsResumeValidator().validate(claim);
 *     if (!verdict.accepted || Date.now() - verdict.metadata.updatedAt.getTime() < 86_400_000)
 *       return verdict;
 *     return { accepted: false, reason: 'metadata-mismatch', message: 'It is older than a day.' };
 *   }
 * }
 * ```
 *
 * @example Stubbed in a test
 * ```ts
 * const resumeValidator = sinon.createStubInstance(ResumeValidator);
 * resumeValidator.validate.resolves(accepted);
 * await using codex = new Codex({ resumeValidator, codexHome: home.path });
 *
 * const thread = await continueTicket(codex, threadId);
 *
 * expect(thread).to.have.nested.property('metadata.preview', 'Write the migration');
 * expect(resumeValidator.validate.firstCall.args[0]).to.include({ threadId, continuation: null });
 * ```
 */
export class ResumeValidator {
  /** The verdict on a claim; never rejects. */
  async validate(claim: ResumeClaim): Promise<ResumeVerdict> {
    try {
      return await wholeVerdict(await this.judge(claim), claim);
    } catch (error) {
      return rejection('The resume validator failed.', {
        error: isError(error) ? `${error.name}: ${error.message}` : String(error),
      });
    }
  }

  /** The judgement; override this method. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  protected async judge(claim: ResumeClaim): Promise<ResumeJudgement> {
    return Promise.resolve(
      rejection('This resume validator does not implement judge(claim): override it.', {}),
    );
  }
}

function rejection(message: string, evidence: Readonly<Record<string, unknown>>): RejectedVerdict {
  return { accepted: false, reason: 'unknown', message, evidence };
}
