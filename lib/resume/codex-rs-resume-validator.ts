import { RequestError, TransportError } from '../errors.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import { judgeTail } from './thread-tail.js';
import { ResumeValidator, type ResumeClaim } from './resume-validator.js';
import type { RejectedVerdict, ResumeVerdict } from './resume-verdict.js';

/**
 * Judges by what codex-rs itself says, over read-only calls: the thread exists, is not archived, and stands where the token says.
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
 * expect(await continueTicket(codex, threadId)).to.equal('Start anew: stale');
 * ```
 */
export class CodexRsResumeValidator extends ResumeValidator {
  protected override async judge(claim: ResumeClaim): Promise<ResumeVerdict> {
    try {
      const { thread } = await claim.request('thread/read', { threadId: claim.threadId });
      const metadata = ThreadMetadata.fromJson(thread);
      if (metadata.isArchived)
        return {
          accepted: false,
          reason: 'archived',
          message: 'It is archived: unarchive it first (codex.unarchiveThread).',
        };
      return await judgeTail(metadata, claim.continuation, async (params) =>
        claim.request('thread/turns/list', params),
      );
    } catch (error) {
      return refusal(error);
    }
  }
}

/** codex-rs answers nearly everything with -32600: only the words tell the cases apart. */
const words: readonly (readonly [RegExp, RejectedVerdict['reason'], string])[] = [
  [/^invalid (thread|session) id/i, 'malformed-id', 'codex-rs does not take its id for one.'],
  [
    /not materialized yet|list_turns is not supported yet|rollout at .* is empty/i,
    'never-ran',
    'No turn was ever started on it, so there is nothing to continue.',
  ],
  [
    /^thread not loaded|^no rollout found|^thread not found/i,
    'unknown-thread',
    'codex-rs knows no such thread here. A thread without a started turn is not kept; another CODEX_HOME has its own threads.',
  ],
  [/is archived/i, 'archived', 'It is archived: unarchive it first (codex.unarchiveThread).'],
  [
    /already has an active writer/i,
    'busy',
    'Another process has it loaded: release it there, or wait until that process ends.',
  ],
  [/is closing/i, 'busy', 'It is being unloaded at this very moment: try again.'],
  [/model ?provider/i, 'provider-missing', 'Its model provider is not configured here any more.'],
];

/** The verdict a refused request stands for; an unknown wording becomes `unknown`, with the server's words as evidence. */
export function refusal(error: unknown): RejectedVerdict {
  if (error instanceof RequestError) {
    const known = words.find(([pattern]) => pattern.test(error.serverMessage));
    return {
      accepted: false,
      reason: known?.[1] ?? 'unknown',
      message: known?.[2] ?? `codex-rs refused it: ${error.serverMessage}`,
      evidence: { method: error.method, serverMessage: error.serverMessage },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    accepted: false,
    reason: error instanceof TransportError ? 'backend-unavailable' : 'unknown',
    message: `codex-rs could not be asked: ${message}`,
    evidence: {},
  };
}
