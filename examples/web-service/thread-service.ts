import type { ReadableStream } from 'node:stream/web';
import {
  CodexError,
  ThreadBusyError,
  ValidationError,
  type Codex,
  type QueuedApproval,
  type QueuedApprovals,
  type RecordedTurn,
  type Thread,
  type ThreadOptionsRecord,
} from '../../lib/index.js';
import type { ThreadBook } from './thread-book.js';
import { TurnFeed } from './turn-feed.js';

/** Properties of a {@link ThreadService}. */
export interface ThreadServiceProps {
  readonly codex: Codex;
  readonly approvals: QueuedApprovals;
  readonly book: ThreadBook;
  readonly threadOptions?: ThreadOptionsRecord;
  /** How long a turn continues without a client, before it is interrupted. */
  readonly graceMs?: number;
  /** How long the events of a turn that is over can be read. */
  readonly keepMs?: number;
  /** How long running turns may take after `close()`, before they are interrupted. */
  readonly drainMs?: number;
}

/** Conversations of a web service: independent of its framework. */
export class ThreadService implements AsyncDisposable {
  readonly #props: ThreadServiceProps;
  readonly #feeds = new Map<string, TurnFeed>();
  readonly #starting = new Set<string>();
  #isClosing = false;

  constructor(props: ThreadServiceProps) {
    this.#props = props;
  }

  /** Runs a turn and streams its events, once codex-rs has accepted it. */
  async send(conversation: string, body: unknown, key?: string): Promise<EventStream> {
    const input = inputOf(body);
    if (this.#isClosing) throw new CodexError('The service is closing.', { code: 'closed' });
    const feed = this.#feeds.get(conversation);
    const isRunning = feed?.isOver === false;
    // The client sent its request twice.
    if (isRunning && key !== undefined && feed.key === key) return feed.stream();
    if (isRunning || this.#starting.has(conversation))
      throw new ThreadBusyError(null, { action: `A turn of ${conversation}` });
    this.#starting.add(conversation);
    try {
      const thread = await this.#thread(conversation);
      return await this.#start(conversation, thread, { input, key });
    } finally {
      this.#starting.delete(conversation);
    }
  }

  /** Continues the thread of the conversation; the token proves that no turn was added or lost. */
  async #thread(conversation: string): Promise<Thread> {
    const { codex, book, approvals, threadOptions } = this.#props;
    // #region thread
    const place = await book.find(conversation);
    if (place === null) return codex.startThread({ ...threadOptions, approvals });
    const { threadId, continuation } = place;
    return codex.resumeThread(threadId, { continuation, approvals });
    // #endregion
  }

  /** Streams the events of the current or last turn again, after the given one. Null if the client has all of them. */
  follow(conversation: string, lastEventId?: string): EventStream {
    return this.#feeds.get(conversation)?.stream(lastEventId) ?? null;
  }

  /** Returns the recorded turns, each with its input and its answer. */
  async turns(conversation: string): Promise<readonly RecordedTurn[]> {
    const threadId = await this.#threadId(conversation);
    const thread = await this.#props.codex.resumeThread(threadId);
    const turns: RecordedTurn[] = [];
    for await (const turn of thread.turns({ itemsView: 'summary' })) turns.push(turn);
    return turns;
  }

  /** Returns the requests that wait for a decision. */
  async pending(conversation: string): Promise<readonly QueuedApproval[]> {
    const threadId = await this.#threadId(conversation);
    return this.#props.approvals.pending({ threadId });
  }

  /** Decides a request of this conversation by JSON such as `{ "decision": "allow" }`. */
  async decide(conversation: string, id: string, body: unknown): Promise<void> {
    const pending = await this.pending(conversation);
    if (!pending.some((approval) => approval.id === id))
      throw new CodexError(`Approval ${id} is not pending.`, { code: 'approval-not-pending' });
    this.#props.approvals.decide(id, body as Record<string, unknown>);
  }

  async stop(conversation: string): Promise<void> {
    await this.#feeds.get(conversation)?.interrupt();
  }

  /** Refuses new turns, waits for running ones, interrupts the rest, and closes the client. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const { drainMs = 10_000, approvals, codex } = this.#props;
    const feeds = [...this.#feeds.values()];
    const over = Promise.all(feeds.map(async (feed) => feed.over));
    const timer = setTimeout(() => {
      for (const feed of feeds) void feed.interrupt();
    }, drainMs);
    await over;
    clearTimeout(timer);
    approvals.close();
    await codex.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #start(conversation: string, thread: Thread, request: TurnRequest): Promise<EventStream> {
    const { input, key } = request;
    const { graceMs = 30_000, keepMs = 60_000, book } = this.#props;
    const turn = thread.runStreamed(input, key === undefined ? {} : { idempotencyKey: key });
    // #region started
    const onStarted = async (feed: TurnFeed, threadId: string): Promise<void> => {
      // From now on another process can continue the thread, even if this one is killed.
      await book.save(conversation, { threadId, continuation: String(turn.continuation) });
      void this.#announceApprovals(feed, threadId);
    };
    // #endregion
    const feed = new TurnFeed({ turn, key, graceMs, onStarted });
    this.#feeds.set(conversation, feed);
    const forget = (): void => {
      if (this.#feeds.get(conversation) === feed) this.#feeds.delete(conversation);
    };
    void feed.over.then(() => setTimeout(forget, keepMs).unref());
    try {
      await feed.started;
    } catch (error) {
      forget();
      throw error;
    }
    return feed.stream();
  }

  async #announceApprovals(feed: TurnFeed, threadId: string): Promise<void> {
    const arrivals = this.#props.approvals.arrivals({ threadId, signal: feed.signal });
    try {
      for await (const approval of arrivals) feed.push({ type: 'approval.waiting', approval });
    } catch {
      // The turn is over.
    }
  }

  async #threadId(conversation: string): Promise<string> {
    const place = await this.#props.book.find(conversation);
    if (place === null)
      throw new CodexError(`Conversation ${conversation} is unknown.`, { code: 'not-found' });
    return place.threadId;
  }
}

/** Server-sent events, or null if none are left. */
export type EventStream = ReadableStream<Uint8Array> | null;

interface TurnRequest {
  readonly input: string;
  readonly key: string | undefined;
}

function inputOf(body: unknown): string {
  const { input } = Object(body) as { readonly input?: unknown };
  if (typeof input === 'string' && input !== '') return input;
  throw new ValidationError('turn', [{ path: 'input', reason: 'must be text that is not empty' }]);
}
