import type { TurnEvent } from './turn-events.js';

/**
 * Events between the wire and one reader. A slow reader loses nothing and stalls nobody: adjacent deltas of one item
 * wait as one, so what waits is bounded by the turn's finished content.
 */
export class TurnStream {
  readonly #waiting: TurnEvent[] = [];
  #reader: {
    resolve(result: IteratorResult<TurnEvent>): void;
    reject(error: unknown): void;
  } | null = null;
  #end: { readonly error?: unknown } | null = null;
  #isDiscarding = false;

  /** Adds an event for the reader; ignored after the end. */
  push(event: TurnEvent): void {
    if (this.#end !== null || this.#isDiscarding) return;
    if (this.#reader !== null) {
      const reader = this.#reader;
      this.#reader = null;
      reader.resolve({ done: false, value: event });
      return;
    }
    const joined = join(this.#waiting.at(-1), event);
    if (joined === null) this.#waiting.push(event);
    else this.#waiting[this.#waiting.length - 1] = joined;
  }

  /** Ends the stream after what waits; with an `error` the reader sees it thrown once. */
  end(outcome: { readonly error?: unknown } = {}): void {
    if (this.#end !== null) return;
    this.#end = outcome;
    const reader = this.#reader;
    this.#reader = null;
    if (reader !== null) this.#finish(reader);
  }

  /** Nobody reads: what waits is dropped, and so is all that comes. */
  discard(): void {
    this.#isDiscarding = true;
    this.#waiting.length = 0;
  }

  /** The next event. */
  async next(): Promise<IteratorResult<TurnEvent>> {
    const event = this.#waiting.shift();
    if (event !== undefined) return { done: false, value: event };
    return new Promise((resolve, reject) => {
      if (this.#end === null) this.#reader = { resolve, reject };
      else this.#finish({ resolve, reject });
    });
  }

  /** Tells the reader that it is over; the error is thrown only once. */
  #finish(reader: Reader): void {
    const end = this.#end;
    this.#end = {};
    if (end !== null && 'error' in end) reader.reject(end.error);
    else reader.resolve({ done: true, value: undefined });
  }
}

interface Reader {
  readonly resolve: (result: IteratorResult<TurnEvent>) => void;
  readonly reject: (error: unknown) => void;
}

function join(last: TurnEvent | undefined, event: TurnEvent): TurnEvent | null {
  if (last?.type === 'text.delta' && event.type === 'text.delta' && last.itemId === event.itemId)
    return { ...event, text: last.text + event.text };
  if (
    last?.type === 'command.output' &&
    event.type === 'command.output' &&
    last.itemId === event.itemId
  )
    return { ...event, text: last.text + event.text };
  if (
    last?.type === 'reasoning.delta' &&
    event.type === 'reasoning.delta' &&
    last.itemId === event.itemId &&
    last.part === event.part &&
    last.index === event.index
  )
    return { ...event, text: last.text + event.text };
  return null;
}
