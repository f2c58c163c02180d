import type { TurnEvent } from './turn-events.js';

/**
 * Events between the wire and one reader. A slow reader loses nothing and stalls nobody: deltas of one item wait as one,
 * and of the turn's diff only the newest waits, so what waits is bounded by the turn's finished content.
 */
export class TurnStream {
  readonly #waiting: TurnEvent[] = [];
  readonly #readers: Reader[] = [];
  #end: { readonly error?: unknown } | null = null;
  #isDiscarding = false;

  /** Adds an event for the reader; ignored after the end. */
  push(event: TurnEvent): void {
    if (this.#end !== null || this.#isDiscarding) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) reader.resolve({ done: false, value: event });
    else if (!this.#join(event)) this.#waiting.push(event);
  }

  /** Ends the stream after what waits; with an `error` the reader sees it thrown once. */
  end(outcome: { readonly error?: unknown } = {}): void {
    if (this.#end !== null) return;
    this.#end = outcome;
    for (const reader of this.#readers.splice(0)) this.#finish(reader);
  }

  /** Nobody reads: what waits is dropped, and so is all that comes. */
  discard(): void {
    this.#isDiscarding = true;
    this.#waiting.length = 0;
  }

  /** The next event. */
  async next(): Promise<IteratorResult<TurnEvent, undefined>> {
    const event = this.#waiting.shift();
    if (event !== undefined) return { done: false, value: event };
    return new Promise((resolve, reject) => {
      if (this.#end === null) this.#readers.push({ resolve, reject });
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

  /** Whether an event that waits has taken this one in. */
  #join(event: TurnEvent): boolean {
    if (event.type === 'turn.diff') return this.#supersede(event);
    if (!isDelta(event)) return false;
    // Deltas of several items come mixed. Past anything else none is moved.
    for (let index = this.#waiting.length - 1; index >= 0; index -= 1) {
      const earlier = this.#waiting[index];
      if (earlier === undefined || !isDelta(earlier)) return false;
      if (!areOfOneText(earlier, event)) continue;
      this.#waiting[index] = joined(earlier, event);
      return true;
    }
    return false;
  }

  /** A diff is that of the whole turn: those before it say nothing more. */
  #supersede(event: TurnEvent): false {
    const index = this.#waiting.findLastIndex(({ type }) => type === event.type);
    if (index >= 0) this.#waiting.splice(index, 1);
    return false;
  }
}

interface Reader {
  readonly resolve: (result: IteratorResult<TurnEvent, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

type Delta = Extract<
  TurnEvent,
  { readonly type: 'text.delta' | 'command.output' | 'reasoning.delta' | 'subagent.event' }
>;

/** Whether it is a piece of a text. */
function isDelta(event: TurnEvent): event is Delta {
  switch (event.type) {
    case 'text.delta':
    case 'command.output':
    case 'reasoning.delta':
      return true;
    case 'subagent.event':
      return hasDelta(event.params);
    default:
      return false;
  }
}

function areOfOneText(earlier: Delta, event: Delta): boolean {
  switch (event.type) {
    case 'text.delta':
    case 'command.output':
      return earlier.type === event.type && earlier.itemId === event.itemId;
    case 'reasoning.delta':
      return (
        earlier.type === event.type &&
        earlier.itemId === event.itemId &&
        earlier.part === event.part &&
        earlier.index === event.index
      );
    case 'subagent.event':
      return (
        earlier.type === event.type &&
        earlier.method === event.method &&
        withoutDelta(earlier.params) === withoutDelta(event.params)
      );
  }
}

function joined(earlier: TurnEvent, event: TurnEvent): TurnEvent {
  if ('text' in earlier && 'text' in event) return { ...event, text: earlier.text + event.text };
  if (earlier.type !== 'subagent.event' || event.type !== 'subagent.event') return event;
  if (!hasDelta(earlier.params) || !hasDelta(event.params)) return event;
  const delta = earlier.params.delta + event.params.delta;
  return { ...event, params: { ...event.params, delta } };
}

function hasDelta(params: unknown): params is { readonly delta: string } {
  return (
    typeof params === 'object' &&
    params !== null &&
    'delta' in params &&
    typeof params.delta === 'string'
  );
}

function withoutDelta(params: unknown): string {
  return JSON.stringify({ ...(params as object), delta: null });
}
