import type { Codex } from '../codex.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import type { RecordedTurn } from '../record/recorded-history.js';
import { requesterOf } from './requester-of.js';

/** The last turns of a thread with their items, the newest last. Needs no lock. */
export async function lastTurns(
  codex: Codex,
  threadId: string,
  most: number,
): Promise<readonly RecordedTurn[]> {
  const history = new ThreadHistory(await requesterOf(codex), threadId);
  const turns: RecordedTurn[] = [];
  for await (const turn of history.turns({ order: 'newestFirst' })) {
    turns.unshift(turn);
    if (turns.length === most) break;
  }
  return turns;
}
