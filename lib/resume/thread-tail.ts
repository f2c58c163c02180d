import { paged } from '../wire/paged.js';
import { decode, text, type Versioned } from '../wire/decode.js';
import type { ClientRequests, Turn } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import { carries } from '../record/client-message.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { RejectedVerdict, ResumeVerdict, ResumeWarning } from './resume-verdict.js';

type TurnsList = ClientRequests['thread/turns/list'];

/** How many turns to search for a token's turn. */
const furthestTurn = 10_000;

/** The source of a thread's turns. */
export interface TurnsSource {
  /** The server that lists the turns, or null if unknown. */
  readonly server: Versioned | null;
  readonly turns: (params: TurnsList['params']) => Promise<TurnsList['result']>;
  /** Updates the list behind `turns`; not needed for a loaded thread. */
  readonly update?: () => Promise<void>;
}

/**
 * Compares a thread's turns with the turn of its token, from the newest back to that one. Further pages are requested
 * only if it is not among the newest hundred. A turn counts as missing only if it is still missing after an update.
 *
 * One newer turn is accepted if it was interrupted, with the warning `interrupted-tail`, or if it has the idempotency
 * key of the resume.
 */
export async function judgeTail(
  metadata: ThreadMetadata,
  continuation: ContinuationToken | null,
  source: TurnsSource,
): Promise<ResumeVerdict> {
  let tail = await lookBack(metadata.threadId, continuation, source);
  const isFound = continuation === null ? tail.last !== null : tail.distance !== null;
  if (!isFound && source.update !== undefined) {
    await source.update();
    tail = await lookBack(metadata.threadId, continuation, source);
  }
  return continuation === null
    ? judgeAsItStands(metadata, tail)
    : judgeAgainst(metadata, continuation, tail);
}

interface Tail {
  readonly last: Turn | null;
  /** The oldest turn that was checked. */
  readonly oldest: Turn | null;
  /** The number of turns after the token's turn; null if it was not found. */
  readonly distance: number | null;
  /** The number of turns that were checked. */
  readonly seen: number;
}

async function lookBack(
  threadId: string,
  continuation: ContinuationToken | null,
  source: TurnsSource,
): Promise<Tail> {
  let last: Turn | null = null;
  let oldest: Turn | null = null;
  let seen = 0;
  const turns = paged(source.server, async (cursor) =>
    source.turns({
      threadId,
      cursor,
      limit: 100,
      // The key is part of the input.
      itemsView: (continuation?.nextKey ?? null) === null ? 'notLoaded' : 'summary',
    }),
  );
  for await (const turn of turns) {
    const id = decode('thread/turns/list', () => text(turn.id), source.server);
    last ??= turn;
    oldest = turn;
    if (continuation === null) break;
    if (id === continuation.turnId) return { last, oldest, distance: seen, seen };
    seen += 1;
    if (seen === furthestTurn) break;
  }
  return { last, oldest, distance: null, seen };
}

function judgeAsItStands(metadata: ThreadMetadata, { last }: Tail): ResumeVerdict {
  if (last === null && metadata.preview === '' && beginningOf(metadata) === null)
    return unreadable(
      'The rollout of the thread contains no turns: none was run, the rollout was pruned, or it has the format of an old version. Start a new thread.',
      { lastTurnId: null },
    );
  return { accepted: true, metadata, warnings: ['no-token', ...warningsOn(last)] };
}

function judgeAgainst(
  metadata: ThreadMetadata,
  continuation: ContinuationToken,
  { last, oldest, distance, seen }: Tail,
): ResumeVerdict {
  const { turnId, nextKey } = continuation;
  // A thread without turns is kept if it was forked or reverted to before its first turn.
  const stands = last === null ? turnId === null : distance === 0;
  const isNext = last !== null && nextKey !== null && carries(last, nextKey);
  if (stands || (distance === 1 && (isInterrupted(last) || isNext)))
    return { accepted: true, metadata, warnings: warningsOn(last) };
  const evidence = { expectedTurnId: turnId, lastTurnId: last?.id ?? null };
  if (distance !== null)
    return {
      accepted: false,
      reason: 'stale',
      message: `${distance === 1 ? 'One turn was' : `${distance} turns were`} added since the token was issued. Resume without a token, read them with thread.turns(), then resume with error.verdict.continuation.`,
      advancedBy: distance,
      continuation: continuation.endingWith(evidence.lastTurnId),
      evidence,
    };
  const beginning = beginningOf(metadata);
  // Turn ids start with their time.
  if (turnId !== null && (oldest === null || (beginning !== null && oldest.id > beginning)))
    return unreadable(
      `codex-rs does not list the turns of the thread from the beginning, so the turn of the token (${turnId}) may or may not be among them. Read the thread, then resume it without a token.`,
      evidence,
    );
  return {
    accepted: false,
    reason: 'diverged',
    message: `The turn of the token (${turnId ?? 'none'}) is not among the ${seen < furthestTurn ? '' : 'last '}${seen} turns of the thread: it was removed or replaced. Read the thread, then resume it without a token.`,
    evidence,
  };
}

/**
 * The id of the revert or of the fork with which the thread's own rollout file begins, if it does not begin with the
 * first turn. The id starts with its time. In another home, codex-rs may not list earlier turns.
 */
function beginningOf({ path, forkedFromId, threadId }: ThreadMetadata): string | null {
  const [, revertId] = /_([0-9a-f-]{36})\.jsonl/i.exec(path ?? '') ?? [];
  return revertId ?? (forkedFromId === null ? null : threadId);
}

function unreadable(message: string, evidence: Readonly<Record<string, unknown>>): RejectedVerdict {
  return { accepted: false, reason: 'unreadable-history', message, evidence };
}

function warningsOn(last: Turn | null): readonly ResumeWarning[] {
  return isInterrupted(last) ? ['interrupted-tail'] : [];
}

/**
 * codex-rs reports every cut-off turn as interrupted: without a completion time if codex-rs was killed, with one if
 * codex-rs was asked to stop the turn or saw the end of its input, for example because its client was killed.
 */
function isInterrupted(turn: Turn | null): boolean {
  return turn?.status === 'interrupted';
}
