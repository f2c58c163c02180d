import type { QueuedApproval, QueuedApprovals } from '../approvals/queued-approvals.js';
import { CodexError } from '../errors.js';
import { ReaderQueue } from '../reader-queue.js';
import type { Turn } from '../turn/turn.js';
import type { TurnEvent } from '../turn/turn-events.js';
import { TurnChunks } from './turn-chunks.js';
import type { CodexUIMessageChunk } from './ui-message.js';

/** Options of {@link toUIMessageStream}. */
export interface UIMessageStreamOptions {
  /**
   * The queue with the approval requests of the turn. A pending request becomes a part in the state
   * `approval-requested` with the queue's id as `approval.id`. Without a queue, the client only sees the decisions.
   */
  readonly approvals?: QueuedApprovals;
  /**
   * The text for the client if the turn fails. Defaults to the message of a `TurnFailedError`, and to a sentence with the code
   * for other errors, since their messages may name paths and hosts.
   */
  readonly onError?: (error: unknown) => string;
}

/**
 * Returns a turn as a UI message stream of the AI SDK. The turn starts when the stream is first read. Cancelling the
 * stream interrupts it.
 *
 * @example
 * ```ts
 * const stream = toUIMessageStream(thread.runStreamed('Why is the build red?'));
 * for await (const message of readUIMessageStream<CodexUIMessage>({ stream })) answer = message;
 * const texts = answer?.parts.filter((part) => part.type === 'text') ?? [];
 * console.log(texts.map(({ text }) => text).join('')); // A test fails.
 * ```
 *
 * @throws `CodexError` `already-read` if the events of the turn were already requested
 */
export function toUIMessageStream(
  turn: Turn<unknown>,
  options: UIMessageStreamOptions = {},
): ReadableStream<CodexUIMessageChunk> {
  const reader = new ChunkReader(turn, options);
  return new globalThis.ReadableStream<CodexUIMessageChunk>(
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

/** Reads the events of a turn and the queue of approvals concurrently. */
export class ChunkReader {
  readonly #turn: Turn<unknown>;
  readonly #events: AsyncIterator<TurnEvent, void>;
  readonly #approvals: QueuedApprovals | null;
  readonly #chunks: TurnChunks;
  readonly #left = new AbortController();
  readonly #news = new ReaderQueue<News>();
  readonly #ready: CodexUIMessageChunk[] = [];
  #isAsking = false;
  #isOver = false;

  constructor(turn: Turn<unknown>, { approvals, onError }: UIMessageStreamOptions) {
    this.#turn = turn;
    this.#events = turn[Symbol.asyncIterator]();
    this.#approvals = approvals ?? null;
    this.#chunks = new TurnChunks(onError);
  }

  /** Returns the next chunk, or null at the end. It never rejects: a failed turn ends with an error chunk. */
  async next(): Promise<CodexUIMessageChunk | null> {
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
