import { RequestError, TransportError } from '../errors.js';
import type { RejectedVerdict } from './resume-verdict.js';

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
