import { RequestError } from '../errors.js';

/** The meaning of a codex-rs error, derived from its message. */
export type RefusalMeaning =
  | 'active-writer'
  | 'archived'
  | 'closing'
  | 'ephemeral'
  | 'has-forks'
  | 'legacy-history'
  | 'malformed-id'
  | 'never-ran'
  | 'no-active-turn'
  | 'no-goal'
  | 'no-such-file'
  | 'not-archived'
  | 'not-steerable'
  | 'provider-missing'
  | 'turn-in-progress'
  | 'turn-unknown'
  | 'unknown-thread'
  | 'unreachable-site'
  | 'unreadable-history';

/**
 * codex-rs replies with -32600 to almost every failed request, so only the message distinguishes the cases. The first
 * match counts.
 */
const words: readonly (readonly [RegExp, RefusalMeaning])[] = [
  [/^invalid (thread|session) id/i, 'malformed-id'],
  [/forked history still references it/, 'has-forks'],
  [/^turn not found/, 'turn-unknown'],
  [/identifies an in-progress turn/, 'turn-in-progress'],
  [/no active turn|expected active turn/, 'no-active-turn'],
  [/no goal exists/, 'no-goal'],
  [/ActiveTurnNotSteerable/, 'not-steerable'],
  [/no such file or directory/i, 'no-such-file'],
  [/^no archived rollout found/, 'not-archived'],
  [/is archived/i, 'archived'],
  [/only supports paginated threads/, 'legacy-history'],
  [/ephemeral thread|^thread is not persisted/, 'ephemeral'],
  [/not materialized yet|list_turns is not supported yet/i, 'never-ran'],
  [/^no rollout found|^thread not (found|loaded)/i, 'unknown-thread'],
  [/already has an active writer/i, 'active-writer'],
  [/is closing/i, 'closing'],
  [
    /failed to read (thread|session meta)|paginated_threads is not supported yet|invalid paginated history|missing source rollout|failed to resume local thread recorder|rollout at .* is empty/i,
    'unreadable-history',
  ],
  [/model ?provider/i, 'provider-missing'],
  [/error sending request/i, 'unreachable-site'],
];

/** The meaning of an error, or null for an unknown message or any other error. */
export function meaningOf(error: unknown): RefusalMeaning | null {
  if (!RequestError.is(error)) return null;
  return words.find(([pattern]) => pattern.test(error.serverMessage))?.[1] ?? null;
}
