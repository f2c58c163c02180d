import { paged } from '../app-server/paged.js';
import { text, understood } from '../app-server/understood.js';
import type { ClientRequests, Turn } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { ResumeVerdict, ResumeWarning } from './resume-verdict.js';

type TurnsList = ClientRequests['thread/turns/list'];

/** How far back a token's turn is looked for. */
const furthestTurn = 10_000;

/**
 * Holds a thread's turns against the one its token names, from the newest back to that one: further pages are only asked
 * for when it is not among the newest hundred.
 *
 * Exactly one newer turn that ended as interrupted is accepted with the warning `interrupted-tail`.
 */
export async function judgeTail(
  metadata: ThreadMetadata,
  continuation: ContinuationToken | null,
  ask: (params: TurnsList['params']) => Promise<TurnsList['result']>,
): Promise<ResumeVerdict> {
  const { last, distance, seen } = await lookBack(metadata.threadId, continuation, ask);
  if (last === null) return judgeEmpty(metadata, continuation);
  const tail: readonly ResumeWarning[] = isInterrupted(last) ? ['interrupted-tail'] : [];
  if (continuation === null) return { accepted: true, metadata, warnings: ['no-token', ...tail] };
  if (distance === 0 || (distance === 1 && isInterrupted(last)))
    return { accepted: true, metadata, warnings: tail };
  const evidence = { expectedTurnId: continuation.turnId, lastTurnId: last.id };
  if (distance === null)
    return {
      accepted: false,
      reason: 'diverged',
      message: `The turn it was left at (${continuation.turnId ?? 'none'}) is not among its ${seen < furthestTurn ? '' : 'last '}${seen} turns: it was removed or replaced.`,
      evidence,
    };
  return {
    accepted: false,
    reason: 'stale',
    message: `${distance === 1 ? 'One turn was' : `${distance} turns were`} added since it was left. Read them, then resume without a token or with a newer one.`,
    advancedBy: distance,
    evidence,
  };
}

interface Tail {
  readonly last: Turn | null;
  /** How many turns came after the token's; null when it is not among them. */
  readonly distance: number | null;
  /** How many turns were looked at. */
  readonly seen: number;
}

async function lookBack(
  threadId: string,
  continuation: ContinuationToken | null,
  ask: (params: TurnsList['params']) => Promise<TurnsList['result']>,
): Promise<Tail> {
  let last: Turn | null = null;
  let seen = 0;
  const turns = paged(async (cursor) =>
    ask({ threadId, cursor, limit: 100, itemsView: 'notLoaded' }),
  );
  for await (const turn of turns) {
    const id = understood('thread/turns/list', () => text(turn.id));
    last ??= turn;
    if (continuation === null) break;
    if (id === continuation.turnId) return { last, distance: seen, seen };
    seen += 1;
    if (seen === furthestTurn) break;
  }
  return { last, distance: null, seen };
}

/** A thread is kept without any turn when it was forked or reverted to before its first one. */
function judgeEmpty(
  metadata: ThreadMetadata,
  continuation: ContinuationToken | null,
): ResumeVerdict {
  if (continuation === null)
    return {
      accepted: false,
      reason: 'never-ran',
      message: 'It has no turn to continue from.',
    };
  if (continuation.turnId === null) return { accepted: true, metadata, warnings: [] };
  return {
    accepted: false,
    reason: 'diverged',
    message: `All its turns were taken back, also the one it was left at (${continuation.turnId}).`,
    evidence: { expectedTurnId: continuation.turnId, lastTurnId: null },
  };
}

/**
 * However a turn is cut off, codex-rs reports it as interrupted: without a time of completion if codex-rs was killed, with
 * one if codex-rs was asked to stop the turn or saw the end of its input, as when its client is killed.
 */
function isInterrupted(turn: Turn): boolean {
  return turn.status === 'interrupted';
}
