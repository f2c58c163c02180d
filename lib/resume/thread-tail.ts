import type { Turn } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { ResumeVerdict, ResumeWarning } from './resume-verdict.js';

/**
 * Holds a thread's last turns, newest first, against the turn its token names.
 *
 * Exactly one newer turn without an end record (a crash cut it off) is accepted with the warning `interrupted-tail`.
 */
export function judgeTail(
  metadata: ThreadMetadata,
  continuation: ContinuationToken | null,
  turns: readonly Turn[],
): ResumeVerdict {
  const [last] = turns;
  if (last === undefined) return judgeEmpty(metadata, continuation);
  const tail: readonly ResumeWarning[] = isCutOff(last) ? ['interrupted-tail'] : [];
  if (continuation === null) return { accepted: true, metadata, warnings: ['no-token', ...tail] };
  const distance = turns.findIndex((turn) => turn.id === continuation.turnId);
  if (distance === 0 || (distance === 1 && isCutOff(last)))
    return { accepted: true, metadata, warnings: tail };
  const evidence = { expectedTurnId: continuation.turnId, lastTurnId: last.id };
  if (distance < 0)
    return {
      accepted: false,
      reason: 'diverged',
      message: `The turn it was left at (${continuation.turnId ?? 'none'}) is not among its last ${turns.length} turns: they were removed, replaced or are too many.`,
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

/** A turn that a crash cut off has no end record: codex-rs reports it as interrupted, without a time of completion. */
function isCutOff(turn: Turn): boolean {
  return turn.status === 'interrupted' && turn.completedAt === null;
}
