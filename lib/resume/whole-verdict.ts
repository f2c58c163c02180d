import { ThreadMetadata } from '../record/thread-metadata.js';
import { refusal } from './refusal.js';
import type { ResumeClaim } from './resume-claim.js';
import {
  verdictProblem,
  type RejectedVerdict,
  type ResumeJudgement,
  type ResumeVerdict,
} from './resume-verdict.js';

/**
 * Completes the verdict of a validator: an explicit acceptance counts, and omitted fields are added. A value that is
 * not a verdict is a rejection. Never rejects.
 */
export async function wholeVerdict(given: unknown, claim: ResumeClaim): Promise<ResumeVerdict> {
  const problem = verdictProblem(given);
  if (problem !== null) return invalid(problem);
  const judgement = given as ResumeJudgement;
  if (!judgement.accepted) return judgement;
  const { metadata, warnings } = judgement;
  try {
    const whole =
      metadata ?? (await claim.request('thread/read', { threadId: claim.threadId })).thread;
    return { accepted: true, metadata: metadataOf(whole), warnings: warnings ?? [] };
  } catch (error) {
    return (metadata ?? null) === null ? refusal(error) : invalid(`metadata: ${String(error)}`);
  }
}

/** The metadata itself; metadata of another copy of the package, or plain JSON, is parsed. */
function metadataOf(value: unknown): ThreadMetadata {
  if (value instanceof ThreadMetadata) return value;
  return ThreadMetadata.fromJSON(JSON.parse(JSON.stringify(value)));
}

function invalid(problem: string): RejectedVerdict {
  return {
    accepted: false,
    reason: 'unknown',
    message: `The resume validator returned an invalid verdict: ${problem}.`,
  };
}
