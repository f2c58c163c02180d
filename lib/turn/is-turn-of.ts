import type { Turn } from '../protocol/index.js';
import { carries } from '../record/client-message.js';
import type { TurnRun } from './turn-run.js';

/** The identifiers of a turn. */
export type KnownTurn = Pick<TurnRun, 'turnId' | 'clientMessageId' | 'review' | 'turnBefore'>;

/** Whether a turn in the thread's history is this one. */
export function isTurnOf(run: KnownTurn, { id, items }: Pick<Turn, 'id' | 'items'>): boolean {
  const { turnId, clientMessageId, review, turnBefore } = run;
  if (turnId !== null) return id === turnId;
  // A review has no user message from this client. Turn ids are in chronological order.
  if (review !== null)
    return items.some(({ type }) => type === 'enteredReviewMode') && id > (turnBefore ?? '');
  return carries({ items }, clientMessageId);
}
