import type { Codex } from '../codex.js';
import { RequestError } from '../errors.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import type { RecordedTurn } from '../record/recorded-history.js';
import { requesterOf } from './requester-of.js';

/** Returns the last turns of a thread with their items, the newest last; empty before the first turn. It takes no lock. */
export async function lastTurns(
  codex: Codex,
  threadId: string,
  most: number,
): Promise<readonly RecordedTurn[]> {
  try {
    const { data } = await codex.request('thread/turns/list', {
      threadId,
      limit: most,
      sortDirection: 'desc',
      itemsView: 'full',
    });
    return [...data].reverse();
  } catch (error) {
    if (!RequestError.is(error)) throw error;
    // Either the thread has no turn yet, or reading the history throws the error with the cause.
    const history = new ThreadHistory(await requesterOf(codex), threadId);
    for await (const turn of history.turns({ order: 'newestFirst' })) return [turn];
    return [];
  }
}
