import type { QueuedApproval, QueuedApprovals } from '../approvals/queued-approvals.js';
import { CodexError } from '../errors.js';
import { ReaderQueue } from '../reader-queue.js';
import type { Turn } from '../turn/turn.js';
import type { TurnEvent } from '../turn/turn-events.js';

/** Converts a turn to the chunks of a stream. */
export interface ChunkSource<Chunk> {
  /** Returns the chunks for an event. */
  accept(event: TurnEvent): readonly Chunk[];
  /** Handles a request in the queue of approvals. */
  arrive(queued: QueuedApproval): readonly Chunk[];
  /** Ends the stream of a stopped turn. */
  abort(): readonly Chunk[];
  /** Ends the stream of a failed turn. */
  fail(error: unknown): readonly Chunk[];
}

/** Properties of a {@link ChunkReader}. */
export interface ChunkReaderProps<Chunk> {
  readonly turn: Turn<unknown>;
  /** The queue with the approval requests of the turn, if any. */
  readonly approvals: QueuedApprovals | undefined;
  readonly chunks: ChunkSource<Chunk>;
}

/** Returns the chunks as a stream. The turn starts when the stream is first read; cancelling the stream leaves the turn. */
export function chunkStream<Chunk>(reader: ChunkReader<Chunk>): ReadableStream<Chunk> {
  return new globalThis.ReadableStream<Chunk>(
    {
      async pull(controller) {
        const chunk = await reader.next();
        if (chunk === null) controller.close();
        else controller.enqueue(chunk);
      },
      async cancel() {
        await reader.leave();
      },
    },
    // Otherwise the stream would read ahead and start the turn before its first reader.
    { highWaterMark: 0 },
  );
}

type News =
  | { readonly event: IteratorResult<TurnEvent, void> }
  | { readonly failure: unknown }
  | { readonly queued: QueuedApproval };

/** Reads the events of a turn and the queue of approvals concurrently, and converts them to chunks of a stream. */
export class ChunkReader<Chunk> {
  readonly #turn: Turn<unknown>;
  readonly #events: AsyncIterator<TurnEvent, void>;
  readonly #approvals: QueuedApprovals | null;
  readonly #chunks: ChunkSource<Chunk>;
  readonly #left = new AbortController();
  readonly #news = new ReaderQueue<News>();
  readonly #ready: Chunk[] = [];
  #isAsking = false;
  #isOver = false;

  constructor({ turn, approvals, chunks }: ChunkReaderProps<Chunk>) {
    this.#turn = turn;
    this.#events = turn[Symbol.asyncIterator]();
    this.#approvals = approvals ?? null;
    this.#chunks = chunks;
  }

  /** Returns the next chunk, or null at the end. It never rejects: a failed turn ends with an error chunk. */
  async next(): Promise<Chunk | null> {
    while (this.#ready.length === 0 && !this.#isOver) {
      const { done, value } = await this.#nextNews();
      if (done !== true) this.#take(value);
    }
    return this.#ready.shift() ?? null;
  }

  /** Leaves the turn, which interrupts it. */
  async leave(): Promise<void> {
    this.#end();
    await this.#events.return?.();
  }

  #take(news: News): void {
    if ('queued' in news) this.#ready.push(...this.#chunks.arrive(news.queued));
    else if ('event' in news && news.event.done !== true) this.#accept(news.event.value);
    else this.#finish('failure' in news ? news : null);
  }

  #accept(event: TurnEvent): void {
    if (event.type === 'turn.started' && this.#approvals !== null)
      void this.#watch(this.#approvals, event.threadId);
    this.#ready.push(...this.#chunks.accept(event));
  }

  #finish(thrown: { readonly failure: unknown } | null): void {
    const wasStopped = this.#turn.status === 'interrupted';
    // A signal stops a turn with its own reason; a time limit stops it with an error of this library.
    if (thrown !== null && (!wasStopped || CodexError.is(thrown.failure)))
      this.#ready.push(...this.#chunks.fail(thrown.failure));
    else if (wasStopped) this.#ready.push(...this.#chunks.abort());
    this.#end();
  }

  async #nextNews(): Promise<IteratorResult<News, undefined>> {
    if (!this.#isAsking) {
      this.#isAsking = true;
      void this.#ask();
    }
    return this.#news.next();
  }

  async #ask(): Promise<void> {
    try {
      const event = await this.#events.next();
      this.#news.push({ event });
    } catch (failure) {
      this.#news.push({ failure });
    } finally {
      this.#isAsking = false;
    }
  }

  /** Reads the pending requests in the queue until the turn ends. */
  async #watch(approvals: QueuedApprovals, threadId: string): Promise<void> {
    const { signal } = this.#left;
    try {
      for await (const queued of approvals.arrivals({ threadId, signal }))
        this.#news.push({ queued });
    } catch {
      // The signal ends the iteration.
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#news.end();
    this.#left.abort();
  }
}
