import { randomUUID } from 'node:crypto';
import { ReadableStream, type ReadableStreamDefaultController } from 'node:stream/web';
import { CodexError, type QueuedApproval, type Turn, type TurnEvent } from '../../lib/index.js';
import { problemOf, type Problem } from './problem.js';

/** A message of a feed. An `error` is the last one of a turn that failed. */
export type FeedMessage =
  | TurnEvent
  | { readonly type: 'approval.waiting'; readonly approval: QueuedApproval }
  | { readonly type: 'error'; readonly problem: Problem };

/** Properties of a {@link TurnFeed}. */
export interface TurnFeedProps {
  readonly turn: Turn;
  /** The key of the request that started the turn. */
  readonly key: string | undefined;
  /** How long the turn continues without a client. */
  readonly graceMs: number;
  /** Runs when codex-rs has accepted the turn, before a client gets its first event. */
  readonly onStarted: (feed: TurnFeed, threadId: string) => Promise<void>;
}

const encoder = new TextEncoder();
const keepAliveMs = 15_000;

/** Events for the server: `approval.waiting` replaces the request, and the others have no fixed form. */
const hidden: readonly string[] = ['approval.requested', 'subagent.event', 'unknown'];

/** Reads a turn once, and streams its events to clients that come and go. */
export class TurnFeed {
  /** Resolves when the turn has started; rejects if it did not. */
  readonly started: Promise<void>;
  /** Resolves when the turn is over. It never rejects: the last message of a failed turn is an error. */
  readonly over: Promise<void>;
  readonly #id = randomUUID();
  readonly #props: TurnFeedProps;
  readonly #messages: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #end = new AbortController();
  #clients = 0;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(props: TurnFeedProps) {
    this.#props = props;
    const events = props.turn[Symbol.asyncIterator]();
    this.started = this.#start(events);
    this.over = this.#finish(events);
  }

  /** The key of the request that started the turn. */
  get key(): string | undefined {
    return this.#props.key;
  }

  get isOver(): boolean {
    return this.#end.signal.aborted;
  }

  /** Aborts when the turn is over. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  push(message: FeedMessage): void {
    this.#messages.push(JSON.stringify(message));
    this.#wake();
  }

  async interrupt(): Promise<void> {
    await this.#props.turn.interrupt();
  }

  /** Server-sent events: those after the given id, then new ones. Null if the client has received all of them. */
  stream(lastEventId?: string): ReadableStream<Uint8Array> | null {
    let next = this.#indexAfter(lastEventId);
    if (this.isOver && next >= this.#messages.length) return null;
    let isReading = true;
    const leave = (): void => {
      if (isReading) this.#leave();
      isReading = false;
    };
    this.#enter();
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
      const isNews = this.#isKnown(next) || (await this.#news());
      if (!isReading) return;
      const message = this.#messages[next];
      if (message !== undefined)
        controller.enqueue(encoder.encode(`id: ${this.#id}/${next++}\ndata: ${message}\n\n`));
      // A proxy closes a connection that is silent while a command runs.
      else if (!isNews) controller.enqueue(encoder.encode(': keep-alive\n\n'));
      if (!this.isOver || next < this.#messages.length) return;
      leave();
      controller.close();
    };
    // A client that disconnects cancels the stream.
    return new ReadableStream({ pull, cancel: leave }, { highWaterMark: 0 });
  }

  async #start(events: AsyncIterator<TurnEvent, void>): Promise<void> {
    for (;;) {
      const event = await this.#next(events);
      if (event === null)
        throw new CodexError('The turn was interrupted before it started.', {
          code: 'turn-interrupted',
        });
      if (event.type !== 'turn.started') continue;
      await this.#props.onStarted(this, event.threadId);
      return;
    }
  }

  async #finish(events: AsyncIterator<TurnEvent, void>): Promise<void> {
    try {
      await this.started;
      while ((await this.#next(events)) !== null);
    } catch (error) {
      this.push({ type: 'error', problem: problemOf(error) });
      // It may still run, if it could not be saved.
      await events.return?.();
    }
    clearTimeout(this.#graceTimer);
    this.#end.abort();
    this.#wake();
  }

  async #next(events: AsyncIterator<TurnEvent, void>): Promise<TurnEvent | null> {
    const { done, value } = await events.next();
    if (done === true) return null;
    if (!hidden.includes(value.type)) this.push(value);
    return value;
  }

  #indexAfter(lastEventId = ''): number {
    const [id, index] = lastEventId.split('/');
    // An id of an earlier turn: the client needs all of this one.
    return id === this.#id ? Number(index) + 1 : 0;
  }

  #isKnown(index: number): boolean {
    return index < this.#messages.length || this.isOver;
  }

  #enter(): void {
    this.#clients += 1;
    clearTimeout(this.#graceTimer);
  }

  #leave(): void {
    this.#clients -= 1;
    if (this.#clients > 0 || this.isOver) return;
    const { graceMs, turn } = this.#props;
    this.#graceTimer = setTimeout(() => void turn.interrupt(), graceMs);
  }

  /** Resolves to true with the next message or the end, and to false when a keep-alive is due. */
  async #news(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(wake);
        resolve(false);
      }, keepAliveMs);
      const wake = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
