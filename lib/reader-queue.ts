/** Values that wait for one reader, first in, first out. The cost of a value does not grow with their number. */
export class ReaderQueue<T> {
  readonly #merge: ((waiting: T[], value: T) => void) | null;
  readonly #readers: Reader<T>[] = [];
  #waiting: T[] = [];
  /** How many at the beginning of the list were taken already. */
  #taken = 0;
  #end: { readonly error?: unknown } | null = null;
  #isDiscarding = false;

  /** @param merge - adds a value to those that wait, or puts it into one of them. Without it, values are only added */
  constructor(merge: ((waiting: T[], value: T) => void) | null = null) {
    this.#merge = merge;
  }

  /** The number of values that wait. */
  get size(): number {
    return this.#waiting.length - this.#taken;
  }

  /** The oldest value that waits. */
  get first(): T | undefined {
    return this.#waiting[this.#taken];
  }

  /** Adds the newest value; ignored after the end. */
  push(value: T): void {
    if (this.#end !== null || this.#isDiscarding) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ done: false, value });
      return;
    }
    if (this.#merge === null) this.#waiting.push(value);
    else {
      this.#compact();
      this.#merge(this.#waiting, value);
    }
  }

  /** Takes the oldest value out. */
  take(): T | undefined {
    const { first } = this;
    if (this.size > 0) this.#taken += 1;
    if (this.#taken * 2 >= this.#waiting.length) this.#compact();
    return first;
  }

  /** Ends the queue after what waits; with an `error` the reader sees it thrown once. */
  end(outcome: { readonly error?: unknown } = {}): void {
    if (this.#end !== null) return;
    this.#end = outcome;
    for (const reader of this.#readers.splice(0)) this.#finish(reader);
  }

  /** Drops what waits, and all that comes. */
  discard(): void {
    this.#isDiscarding = true;
    this.#waiting = [];
    this.#taken = 0;
  }

  /** The next value, once there is one. */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) return { done: false, value: this.take() as T };
    return new Promise((resolve, reject) => {
      if (this.#end === null) this.#readers.push({ resolve, reject });
      else this.#finish({ resolve, reject });
    });
  }

  #compact(): void {
    if (this.#taken === 0) return;
    this.#waiting = this.#waiting.slice(this.#taken);
    this.#taken = 0;
  }

  /** Tells the reader that it is over; the error is thrown only once. */
  #finish(reader: Reader<T>): void {
    const end = this.#end;
    this.#end = {};
    if (end !== null && 'error' in end) reader.reject(end.error);
    else reader.resolve({ done: true, value: undefined });
  }
}

interface Reader<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}
