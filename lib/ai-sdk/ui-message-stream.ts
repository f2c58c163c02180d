import type { QueuedApproval, QueuedApprovals } from '../approvals/queued-approvals.js';
import { CodexError } from '../errors.js';
import type { Turn } from '../turn/turn.js';
import type { TurnEvent } from '../turn/turn-events.js';
import { TurnChunks } from './turn-chunks.js';
import type { CodexUIMessageChunk } from './ui-message.js';

/** How a turn becomes a stream for `useChat`. */
export interface UIMessageStreamOptions {
  /**
   * The queue that asks for the approvals of the turn. What waits in it becomes a part in the state `approval-requested`, whose
   * `approval.id` is the id in the queue. Without it, the client sees how approvals were decided and is asked nothing.
   */
  readonly approvals?: QueuedApprovals;
  /**
   * The text for the client if the turn fails. Defaults to the message of a `TurnFailedError`, and to a sentence with the code
   * for other errors, since their messages may name paths and hosts.
   */
  readonly onError?: (error: unknown) => string;
}

/**
 * The stream of a UI message of the AI SDK that a turn is. The turn starts when the stream is first read; cancelling the stream
 * interrupts it.
 *
 * @example
 * ```ts
 * const stream = toUIMessageStream(thread.runStreamed('Why is the build red?'));
 * for await (const message of readUIMessageStream<CodexUIMessage>({ stream })) answer = message;
 * const texts = answer?.parts.filter((part) => part.type === 'text') ?? [];
 * console.log(texts.map(({ text }) => text).join('')); // A test fails.
 * ```
 *
 * @throws `CodexError` `already-read` when the events of the turn were asked for before
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
    // Else it would read ahead, and thereby start the turn, before the stream is read.
    { highWaterMark: 0 },
  );
}

type News =
  | { readonly event: IteratorResult<TurnEvent, void> }
  | { readonly failure: unknown }
  | { readonly queued: QueuedApproval };

/** Reads the events of a turn and the queue of approvals side by side. */
export class ChunkReader {
  readonly #turn: Turn<unknown>;
  readonly #events: AsyncIterator<TurnEvent, void>;
  readonly #approvals: QueuedApprovals | null;
  readonly #chunks: TurnChunks;
  readonly #left = new AbortController();
  readonly #news: News[] = [];
  readonly #ready: CodexUIMessageChunk[] = [];
  #isAsking = false;
  #isOver = false;
  #wake: (() => void) | null = null;

  constructor(turn: Turn<unknown>, { approvals, onError }: UIMessageStreamOptions) {
    this.#turn = turn;
    this.#events = turn[Symbol.asyncIterator]();
    this.#approvals = approvals ?? null;
    this.#chunks = new TurnChunks(onError);
  }

  /** The next chunk, or null at the end. Never rejects: a failed turn ends with a chunk that says so. */
  async next(): Promise<CodexUIMessageChunk | null> {
    while (this.#ready.length === 0 && !this.#isOver) this.#take(await this.#nextNews());
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
    // A signal stops a turn with its own reason, a time limit with an error of this library.
    if (thrown !== null && (!wasStopped || CodexError.is(thrown.failure)))
      this.#ready.push(...this.#chunks.fail(thrown.failure));
    else if (wasStopped) this.#ready.push(...this.#chunks.abort());
    this.#end();
  }

  async #nextNews(): Promise<News> {
    if (!this.#isAsking) {
      this.#isAsking = true;
      void this.#ask();
    }
    for (;;) {
      const news = this.#news.shift();
      if (news !== undefined) return news;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #ask(): Promise<void> {
    try {
      const event = await this.#events.next();
      this.#tell({ event });
    } catch (failure) {
      this.#tell({ failure });
    } finally {
      this.#isAsking = false;
    }
  }

  /** What waits in the queue, until the turn is over. */
  async #watch(approvals: QueuedApprovals, threadId: string): Promise<void> {
    const { signal } = this.#left;
    try {
      for await (const queued of approvals.arrivals({ threadId, signal })) this.#tell({ queued });
    } catch {
      // The signal ends it.
    }
  }

  #tell(news: News): void {
    this.#news.push(news);
    this.#wake?.();
    this.#wake = null;
  }

  #end(): void {
    this.#isOver = true;
    this.#left.abort();
  }
}
