import { carries } from '../record/client-message.js';
import type { ClientRequests, Turn } from '../protocol/index.js';
import { decode, list, text } from '../wire/decode.js';
import { followingCursor } from '../wire/paged.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import type { Requester } from './requester.js';

type TurnsPage = ClientRequests['thread/turns/list']['result'];

/** The page size of turns: each comes only with its first message and its answer. */
const pageSize = 100;

/**
 * Finds a turn of one thread by the client message id of its input. Turns are requested only once, so that a search reads
 * only the turns added since the last one.
 */
export class TurnInputs {
  readonly #server: Requester;
  readonly #threadId: string;
  /** The client message ids by turn. A turn is included only with all turns before it. */
  #known: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(server: Requester, threadId: string) {
    this.#server = server;
    this.#threadId = threadId;
  }

  /** The turn with all its items, or null if the thread does not have this turn. */
  async find(clientMessageId: string): Promise<Turn | null> {
    const isKnown = [...this.#known.values()].some((ids) => ids.includes(clientMessageId));
    // It may have been reverted in the meantime.
    if (isKnown) this.#known = new Map();
    try {
      for (;;) {
        const place = await this.#seek(clientMessageId);
        if (place === null) return null;
        const turn = await this.#at(place, clientMessageId);
        // Another client may have added a turn in the meantime.
        if (turn !== null) return turn;
      }
    } catch (error) {
      // codex-rs refuses to list the turns of a thread without turns.
      if (meaningOf(error) !== 'never-ran') throw error;
      return null;
    }
  }

  async #seek(clientMessageId: string): Promise<Place | null> {
    const seen = new Map<string, readonly string[]>();
    let cursor: string | null = null;
    do {
      const page: TurnsPage = await this.#page({ cursor, limit: pageSize, itemsView: 'summary' });
      for (const [index, turn] of page.data.entries()) {
        if (this.#known.has(turn.id)) return this.#remember(seen);
        if (carries(turn, clientMessageId)) return { cursor, index };
        // The input of a turn that has just begun may be missing.
        const ids = idsOf(turn);
        if (ids.length > 0) seen.set(turn.id, ids);
      }
      cursor = followingCursor(page, cursor);
    } while (cursor !== null);
    return this.#remember(seen);
  }

  async #at({ cursor, index }: Place, clientMessageId: string): Promise<Turn | null> {
    const skipped =
      index === 0 ? null : await this.#page({ cursor, limit: index, itemsView: 'notLoaded' });
    const from = skipped === null ? cursor : skipped.nextCursor;
    const { data } = await this.#page({ cursor: from, limit: 1, itemsView: 'full' });
    const [turn] = data;
    return turn !== undefined && carries(turn, clientMessageId) ? turn : null;
  }

  async #page(params: PageParams): Promise<TurnsPage> {
    const page = await this.#server.request('thread/turns/list', {
      threadId: this.#threadId,
      ...params,
    });
    return decode(
      'thread/turns/list',
      () => {
        for (const turn of list(page.data)) {
          text(turn.id);
          list(turn.items);
        }
        return page;
      },
      this.#server,
    );
  }

  #remember(seen: ReadonlyMap<string, readonly string[]>): null {
    this.#known = new Map([...this.#known, ...seen]);
    return null;
  }
}

type PageParams = Pick<
  ClientRequests['thread/turns/list']['params'],
  'cursor' | 'limit' | 'itemsView'
>;

/** The position of a turn in the list: the page and the index on it. */
interface Place {
  readonly cursor: string | null;
  readonly index: number;
}

function idsOf({ items }: Turn): string[] {
  return items.flatMap((item) => (item.type === 'userMessage' ? [item.clientId ?? ''] : []));
}
