import { decode } from '../wire/decode.js';
import { paged } from '../wire/paged.js';
import { RequestError } from '../errors.js';
import { UnsupportedCodexError } from '../wire/unsupported-codex-error.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import type {
  HistoryOptions,
  RecordedAttachment,
  RecordedItem,
  RecordedTurn,
} from '../record/recorded-history.js';
import type { Requester } from './requester.js';
import { ThreadCalls } from './thread-calls.js';
import { ThreadStateError } from './thread-state-error.js';

/**
 * The recorded history of one thread. Reading does not require the lock: it works while another process has the thread
 * loaded.
 */
export class ThreadHistory {
  readonly #server: Requester;
  readonly #calls: ThreadCalls;

  constructor(server: Requester, threadId: string) {
    this.#server = server;
    this.#calls = new ThreadCalls(server, threadId);
  }

  /** The thread's data from codex-rs, without its turns. */
  async read(): Promise<ThreadMetadata> {
    const { threadId } = this.#calls;
    const { thread } = await this.#calls.send('read()', 'thread/read', { threadId });
    return decode('thread/read', () => ThreadMetadata.fromJSON(thread), this.#server);
  }

  /** The same with all turns: by pages, since codex-rs is deprecating turns in `thread/read`. */
  async withTurns(metadata: ThreadMetadata): Promise<ThreadMetadata> {
    const turns: RecordedTurn[] = [];
    for await (const turn of this.turns()) turns.push(turn);
    return ThreadMetadata.fromJSON({ ...metadata.toJSON(), turns });
  }

  /** The turns; empty before the first one was started. */
  async *turns({ order = 'oldestFirst', itemsView = 'full' }: HistoryOptions = {}): AsyncGenerator<
    RecordedTurn,
    void
  > {
    const { threadId } = this.#calls;
    const sortDirection = order === 'oldestFirst' ? 'asc' : 'desc';
    try {
      yield* paged(this.#server, async (cursor) =>
        this.#calls.send('turns()', 'thread/turns/list', {
          threadId,
          cursor,
          sortDirection,
          itemsView,
          limit: 50,
        }),
      );
    } catch (error) {
      if (!ThreadStateError.is(error) || error.code !== 'thread-never-ran') throw error;
    }
  }

  /** The items of all turns. */
  async *items({ order = 'oldestFirst' }: Pick<HistoryOptions, 'order'> = {}): AsyncGenerator<
    RecordedItem,
    void
  > {
    const { threadId } = this.#calls;
    const sortDirection = order === 'oldestFirst' ? 'asc' : 'desc';
    try {
      yield* paged(this.#server, async (cursor) =>
        this.#server.request('thread/items/list', { threadId, cursor, sortDirection, limit: 100 }),
      );
    } catch (error) {
      // The message is the same for a thread of an older codex-rs, a new, an ephemeral and an unknown thread: the turns
      // distinguish them.
      const isMissing = RequestError.is(error) && error.rpcCode === methodNotFound;
      if (!isMissing && !UnsupportedCodexError.is(error)) throw error;
      yield* this.#itemsOfTurns(order);
    }
  }

  /** The attachments of the thread. */
  attachments(): AsyncGenerator<RecordedAttachment, void> {
    const { threadId } = this.#calls;
    return paged(this.#server, async (cursor) =>
      this.#calls.send('attachments()', 'thread/attachment/list', { threadId, cursor }),
    );
  }

  /** The id of the last turn, or null if there is none. */
  async lastTurnId(): Promise<string | null> {
    for await (const { id } of this.turns({ order: 'newestFirst', itemsView: 'notLoaded' }))
      return id;
    return null;
  }

  /**
   * The last turn of the thread after removing this one and all after it; null for the first one.
   *
   * @throws {@link ThreadStateError} if the thread does not have this turn
   */
  async turnBefore(turnId: string): Promise<string | null> {
    const { threadId } = this.#calls;
    let isFound = false;
    for await (const { id } of this.turns({ order: 'newestFirst', itemsView: 'notLoaded' })) {
      if (isFound) return id;
      isFound = id === turnId;
    }
    if (isFound) return null;
    throw new ThreadStateError({ code: 'turn-unknown', threadId, action: 'revert()' });
  }

  async *#itemsOfTurns(order: HistoryOptions['order']): AsyncGenerator<RecordedItem, void> {
    for await (const turn of this.turns({ order, itemsView: 'full' }))
      for (const item of order === 'newestFirst' ? [...turn.items].reverse() : turn.items)
        yield { turnId: turn.id, item, startedAtMs: null, completedAtMs: null };
  }
}

const methodNotFound = -32601;
