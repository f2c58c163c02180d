import type { Codex } from '../codex.js';
import { RequestError } from '../errors.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import type { RecordedTurn } from '../record/recorded-history.js';
import { requesterOf } from './requester-of.js';

/** The last turns of a thread with their items, the newest last; none before the first one. Needs no lock. */
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
    // Either the thread has no turn yet, or the history has the error that says why it cannot be read.
    const history = new ThreadHistory(await requesterOf(codex), threadId);
    for await (const turn of history.turns({ order: 'newestFirst' })) return [turn];
    return [];
  }
}
