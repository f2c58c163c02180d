import { meaningOf, type RefusalMeaning } from '../wire/refusal-meaning.js';
import { RequestError, TransportError } from '../errors.js';
import { messageOf } from '../shapes.js';
import { ResumeRejectedError } from './resume-rejected-error.js';
import type { RejectedVerdict } from './resume-verdict.js';

type Refused = readonly [RejectedVerdict['reason'], string];

/** The verdict for an archived thread. */
export const archived: Refused = [
  'archived',
  'The thread is archived: unarchive it first (codex.unarchiveThread).',
];

/** The verdicts for refusals; other refusals are unrelated to a resume. */
const verdicts: Readonly<Partial<Record<RefusalMeaning, Refused>>> = {
  'active-writer': [
    'busy',
    'Another process has loaded the thread: release it there, or wait until that process ends.',
  ],
  archived,
  closing: ['busy', 'The thread is being unloaded: try again.'],
  ephemeral: [
    'unknown-thread',
    'The thread is ephemeral: it exists only in the memory of codex-rs, for the client that started it, and cannot be resumed.',
  ],
  'malformed-id': ['malformed-id', 'codex-rs cannot parse the thread id.'],
  'never-ran': [
    'never-ran',
    'The thread has no turns, so it cannot be continued. Start a new thread.',
  ],
  'provider-missing': [
    'provider-missing',
    'The model provider of the thread is no longer configured here. Configure it, or start a new thread.',
  ],
  'unknown-thread': [
    'unknown-thread',
    'codex-rs does not have this thread. Check that CODEX_HOME is the one that the thread was started with; a thread without a turn is not stored.',
  ],
  'unreadable-history': [
    'unreadable-history',
    'codex-rs cannot read the history of the thread: the rollout file is damaged, empty, incomplete, or has the format of an old version. Restore the file from a backup, or start a new thread.',
  ],
};

/** The verdict for a failed request. An unknown message becomes `unknown`, with the message as evidence. */
export function refusal(error: unknown): RejectedVerdict {
  if (ResumeRejectedError.is(error)) return error.verdict;
  if (error instanceof RequestError) {
    const meaning = meaningOf(error);
    const known = meaning === null ? undefined : verdicts[meaning];
    return {
      accepted: false,
      reason: known?.[0] ?? 'unknown',
      message: known?.[1] ?? `codex-rs rejected the request: ${error.serverMessage}`,
      evidence: { method: error.method, serverMessage: error.serverMessage },
    };
  }
  const isUnavailable = error instanceof TransportError;
  return {
    accepted: false,
    reason: isUnavailable ? 'backend-unavailable' : 'unknown',
    message: `codex-rs could not be reached: ${messageOf(error)}`,
    evidence: isUnavailable ? { code: error.code, retryable: error.retryable } : {},
  };
}
