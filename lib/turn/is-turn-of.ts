import type { Turn } from '../protocol/index.js';
import { carries } from '../record/client-message.js';
import type { TurnRun } from './turn-run.js';

/** What a turn is known by. */
export type KnownTurn = Pick<TurnRun, 'turnId' | 'clientMessageId' | 'review' | 'turnBefore'>;

/** Whether a turn of the thread's history is this very one. */
export function isTurnOf(run: KnownTurn, { id, items }: Pick<Turn, 'id' | 'items'>): boolean {
  const { turnId, clientMessageId, review, turnBefore } = run;
  if (turnId !== null) return id === turnId;
  // A review has no message of ours. The ids of turns are in the order of time.
  if (review !== null)
    return items.some(({ type }) => type === 'enteredReviewMode') && id > (turnBefore ?? '');
  return carries({ items }, clientMessageId);
}
