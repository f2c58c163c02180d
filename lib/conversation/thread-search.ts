import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import type { Notification } from '../wire/notification-filter.js';
import { NotificationStream } from '../wire/notification-stream.js';
import { followingCursor } from '../wire/paged.js';
import { list, text, decode } from '../wire/decode.js';
import { TransportError } from '../errors.js';
import type {
  RequestId,
  ThreadSearchParams,
  ThreadSearchResponse,
  ThreadSearchResult,
} from '../protocol/index.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import type { SearchRequest } from '../thread/search-options.js';
import { listingParams } from './thread-listing.js';

const method = 'thread/search/stream';

/** A thread whose conversation contains a text. */
export interface ThreadMatch {
  /** The thread; `forkedFromId` is unknown here. */
  readonly thread: ThreadMetadata;
  /** The text around the first match. */
  readonly snippet: string;
  /** Whether codex-rs found it before the search completed, so that it is out of order. */
  readonly isProvisional: boolean;
}

/** Searches the conversations of one codex-rs (`thread/search/stream`). */
export class ThreadSearch {
  readonly #server: AppServer;

  constructor(server: AppServer) {
    this.#server = server;
  }

  /** The matches, each once. Leaving the iteration cancels the running request. */
  async *matches(request: SearchRequest): AsyncGenerator<ThreadMatch, void> {
    const { signal, provisional } = request;
    const session = await this.#server.connect(signal === undefined ? {} : { signal });
    const given = new Set<string>();
    for await (const { row, isProvisional } of rowsOf(session, request)) {
      if (isProvisional && !provisional) continue;
      const match = decode(method, () => matchOf(row, isProvisional), session);
      const { threadId } = match.thread;
      if (given.has(threadId)) continue;
      given.add(threadId);
      yield match;
    }
  }
}

interface FoundRow {
  readonly row: ThreadSearchResult;
  readonly isProvisional: boolean;
}

/** The rows of all pages. For each page, first the rows that codex-rs finds before its reply, then those of the reply. */
async function* rowsOf(
  session: AppServerSession,
  request: SearchRequest,
): AsyncGenerator<FoundRow, void> {
  const { query, signal } = request;
  let cursor: string | null = null;
  do {
    const call = new SearchCall(session);
    const partials = new NotificationStream<Notification<'thread/search/partial'>>({
      filter: { methods: ['thread/search/partial'], maxWaiting: Infinity, signal },
      listen: (listener) => session.onNotification(listener),
    });
    const answer = call.send({ ...listingParams(request), searchTerm: query, cursor });
    const end = (error: unknown): void => {
      partials.end({ error });
    };
    answer.then(() => {
      partials.end();
    }, end);
    try {
      for await (const { params } of partials)
        if (call.hasId(params.requestId)) yield* found(session, params.data, true);
      const page = await answer;
      for (const row of found(session, page.data, false)) {
        signal?.throwIfAborted();
        yield row;
      }
      cursor = followingCursor(page, cursor);
    } finally {
      call.cancel();
    }
  } while (cursor !== null);
}

/** One request of a search, which can be cancelled. */
class SearchCall {
  readonly #session: AppServerSession;
  #requestId: RequestId | null = null;
  #isOver = false;
  #isLeft = false;

  constructor(session: AppServerSession) {
    this.#session = session;
  }

  async send(params: ThreadSearchParams): Promise<ThreadSearchResponse> {
    const onSent = (id: RequestId): void => {
      this.#requestId = id;
      if (this.#isLeft) this.#cancel(id);
    };
    // Lets the caller subscribe first.
    await Promise.resolve();
    try {
      const answer = await this.#session.request(method, params, { onSent });
      this.#isOver = true;
      return answer;
    } catch (error) {
      // A search that timed out may still be running.
      this.#isOver = !TransportError.is(error);
      throw error;
    }
  }

  hasId(id: RequestId): boolean {
    return id === this.#requestId;
  }

  /** Stops the search unless codex-rs has answered. Does not wait for it. */
  cancel(): void {
    if (this.#isOver) return;
    this.#isLeft = true;
    if (this.#requestId !== null) this.#cancel(this.#requestId);
  }

  #cancel(requestId: RequestId): void {
    this.#session.request(`${method}/cancel`, { requestId }).catch(() => undefined);
  }
}

function found(
  session: AppServerSession,
  data: readonly ThreadSearchResult[],
  isProvisional: boolean,
): readonly FoundRow[] {
  return decode(method, () => list(data), session).map((row) => ({ row, isProvisional }));
}

function matchOf({ thread, snippet }: ThreadSearchResult, isProvisional: boolean): ThreadMatch {
  return Object.freeze({
    thread: ThreadMetadata.fromJSON(thread),
    snippet: text(snippet),
    isProvisional,
  });
}
