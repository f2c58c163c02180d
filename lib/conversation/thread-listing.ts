import { decode } from '../wire/decode.js';
import type { AppServer } from '../wire/app-server.js';
import { paged } from '../wire/paged.js';
import type { Model, ThreadListParams, ThreadSearchParams } from '../protocol/index.js';
import { checkedThreadId } from '../ids.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import type { ThreadFilter } from '../thread/thread-filter.js';
import { ThreadCalls } from '../loaded/thread-calls.js';
import { ThreadStateError } from '../loaded/thread-state-error.js';

const sortKeys = {
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  recencyAt: 'recency_at',
} as const satisfies Record<ThreadFilter['sort'], ThreadListParams['sortKey']>;

/** The lists of one codex-rs: threads on disk, threads in memory, models. */
export class ThreadListing {
  readonly #server: AppServer;

  constructor(server: AppServer) {
    this.#server = server;
  }

  /** The threads that pass the filter. */
  async *threads(filter: ThreadFilter): AsyncGenerator<ThreadMetadata, void> {
    const { cwd, modelProviders, search } = filter;
    const threads = paged(this.#server, async (cursor) =>
      this.#server.request('thread/list', {
        ...listingParams(filter),
        // codex-rs reads a file per thread: a short first page spares a reader who needs only the latest threads.
        ...(cursor === null ? { limit: 20 } : {}),
        cursor,
        // Without them codex-rs omits the threads of other providers.
        modelProviders: [...modelProviders],
        ...(cwd === undefined ? {} : { cwd: [...cwd] }),
        ...(search === undefined ? {} : { searchTerm: search }),
      }),
    );
    for await (const thread of threads) yield this.#metadata('thread/list', thread);
  }

  /** The ids of the loaded threads; does not start a process. */
  async loaded(): Promise<readonly string[]> {
    const { session } = this.#server;
    if (session === null) return [];
    const ids: string[] = [];
    for await (const id of paged(session, async (cursor) =>
      session.request('thread/loaded/list', { cursor }),
    ))
      ids.push(id);
    return ids;
  }

  /** The available models. */
  async models(includeHidden: boolean): Promise<readonly Model[]> {
    const models: Model[] = [];
    for await (const model of paged(this.#server, async (cursor) =>
      this.#server.request('model/list', { cursor, includeHidden }),
    ))
      models.push(model);
    return models;
  }

  /** Restores a thread from the archive. */
  async unarchive(given: string): Promise<ThreadMetadata> {
    const action = 'unarchiveThread()';
    const threadId = checkedThreadId(given);
    const calls = new ThreadCalls(this.#server, threadId);
    const { thread: known } = await calls.send(action, 'thread/read', { threadId });
    // A thread loaded elsewhere would be refused as busy.
    if (!this.#metadata('thread/read', known).isArchived)
      throw new ThreadStateError({ code: 'thread-not-archived', threadId, action });
    const { thread } = await calls.send(action, 'thread/unarchive', { threadId });
    return this.#metadata('thread/unarchive', thread);
  }

  #metadata(method: string, thread: object): ThreadMetadata {
    return decode(method, () => ThreadMetadata.fromJSON(thread), this.#server);
  }
}

/** The common parameters of listing and searching threads. @internal */
export function listingParams({
  archived = false,
  sources,
  sort,
  order,
}: Pick<ThreadFilter, 'archived' | 'sources' | 'sort' | 'order'>): Pick<
  ThreadListParams & ThreadSearchParams,
  'archived' | 'sourceKinds' | 'sortKey' | 'sortDirection' | 'limit'
> {
  return {
    archived,
    // Without them codex-rs omits whole kinds of threads.
    sourceKinds: [...sources],
    sortKey: sortKeys[sort],
    sortDirection: order === 'newestFirst' ? 'desc' : 'asc',
    limit: 50,
  };
}
