import { paged } from '../wire/paged.js';
import { decode, text, type Versioned } from '../wire/decode.js';
import type { ClientRequests, Turn } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import { carries } from '../record/client-message.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { RejectedVerdict, ResumeVerdict, ResumeWarning } from './resume-verdict.js';

type TurnsList = ClientRequests['thread/turns/list'];

/** How far back a token's turn is looked for. */
const furthestTurn = 10_000;

/** Where the turns of a thread come from. */
export interface TurnsSource {
  /** What lists the turns, or null if that is not known. */
  readonly server: Versioned | null;
  readonly turns: (params: TurnsList['params']) => Promise<TurnsList['result']>;
  /** Updates what `turns` lists; not needed for a loaded thread. */
  readonly update?: () => Promise<void>;
}

/**
 * Holds a thread's turns against the one its token names, from the newest back to that one: further pages are only asked
 * for when it is not among the newest hundred. A turn counts as missing only if it is still missing after an update.
 *
 * Exactly one newer turn is accepted if it ended as interrupted, with the warning `interrupted-tail`, or if it has the
 * idempotency key that the resume names.
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
  /** The oldest turn that was looked at. */
  readonly oldest: Turn | null;
  /** How many turns came after the token's; null when it is not among them. */
  readonly distance: number | null;
  /** How many turns were looked at. */
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
      // The input tells the key.
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
      'codex-rs finds no turn in its rollout: none was run, the rollout was pruned, or it has the format of an old version.',
      { lastTurnId: null },
    );
  return { accepted: true, metadata, warnings: ['no-token', ...warningsOn(last)] };
}

function judgeAgainst(
  metadata: ThreadMetadata,
  { turnId, nextKey }: ContinuationToken,
  { last, oldest, distance, seen }: Tail,
): ResumeVerdict {
  // A thread is kept without any turn when it was forked or reverted to before its first one.
  const stands = last === null ? turnId === null : distance === 0;
  const isNext = last !== null && nextKey !== null && carries(last, nextKey);
  if (stands || (distance === 1 && (isInterrupted(last) || isNext)))
    return { accepted: true, metadata, warnings: warningsOn(last) };
  const evidence = { expectedTurnId: turnId, lastTurnId: last?.id ?? null };
  if (distance !== null)
    return {
      accepted: false,
      reason: 'stale',
      message: `${distance === 1 ? 'One turn was' : `${distance} turns were`} added since it was left. Read them, then resume without a token or with a newer one.`,
      advancedBy: distance,
      evidence,
    };
  const beginning = beginningOf(metadata);
  // Ids of turns begin with their time.
  if (turnId !== null && (oldest === null || (beginning !== null && oldest.id > beginning)))
    return unreadable(
      `codex-rs does not list its turns from the beginning, so whether the turn it was left at (${turnId}) is still among them is not known. Read the thread, then resume it without a token.`,
      evidence,
    );
  return {
    accepted: false,
    reason: 'diverged',
    message: `The turn it was left at (${turnId ?? 'none'}) is not among its ${seen < furthestTurn ? '' : 'last '}${seen} turns: it was removed or replaced.`,
    evidence,
  };
}

/**
 * What the thread's own rollout file begins with, if not with its first turn: the id of the revert or of the fork, which
 * begins with its time. In another home, codex-rs may list no turn from before.
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
 * However a turn is cut off, codex-rs reports it as interrupted: without a time of completion if codex-rs was killed, with
 * one if codex-rs was asked to stop the turn or saw the end of its input, as when its client is killed.
 */
function isInterrupted(turn: Turn | null): boolean {
  return turn?.status === 'interrupted';
}
