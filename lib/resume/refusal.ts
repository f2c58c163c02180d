import { meaningOf, type RefusalMeaning } from '../wire/refusal-meaning.js';
import { RequestError, TransportError } from '../errors.js';
import { messageOf } from '../shapes.js';
import { ResumeRejectedError } from './resume-rejected-error.js';
import type { RejectedVerdict } from './resume-verdict.js';

type Refused = readonly [RejectedVerdict['reason'], string];

/** The verdict on a thread in the archive. */
export const archived: Refused = [
  'archived',
  'It is archived: unarchive it first (codex.unarchiveThread).',
];

/** The verdicts that refusals stand for; the other meanings do not concern a resume. */
const verdicts: Readonly<Partial<Record<RefusalMeaning, Refused>>> = {
  'active-writer': [
    'busy',
    'Another process has it loaded: release it there, or wait until that process ends.',
  ],
  archived,
  closing: ['busy', 'It is being unloaded at this very moment: try again.'],
  ephemeral: [
    'unknown-thread',
    'It is ephemeral: it lives in the memory of codex-rs only, for the client that has started it, and cannot be resumed.',
  ],
  'malformed-id': ['malformed-id', 'codex-rs cannot parse its id.'],
  'never-ran': ['never-ran', 'No turn was ever started on it, so there is nothing to continue.'],
  'provider-missing': ['provider-missing', 'Its model provider is not configured here any more.'],
  'unknown-thread': [
    'unknown-thread',
    'codex-rs knows no such thread here. A thread without a started turn is not kept; another CODEX_HOME has its own threads.',
  ],
  'unreadable-history': [
    'unreadable-history',
    'codex-rs cannot read its history: the rollout file is damaged, empty, incomplete, or has the format of an old version. Restore the file from a backup, or start a new thread.',
  ],
};

/** The verdict that a failed request stands for; unknown words become `unknown`, with the words as evidence. */
export function refusal(error: unknown): RejectedVerdict {
  if (ResumeRejectedError.is(error)) return error.verdict;
  if (error instanceof RequestError) {
    const meaning = meaningOf(error);
    const known = meaning === null ? undefined : verdicts[meaning];
    return {
      accepted: false,
      reason: known?.[0] ?? 'unknown',
      message: known?.[1] ?? `codex-rs refused it: ${error.serverMessage}`,
      evidence: { method: error.method, serverMessage: error.serverMessage },
    };
  }
  const isUnavailable = error instanceof TransportError;
  return {
    accepted: false,
    reason: isUnavailable ? 'backend-unavailable' : 'unknown',
    message: `codex-rs could not be asked: ${messageOf(error)}`,
    evidence: isUnavailable ? { code: error.code, retryable: error.retryable } : {},
  };
}
