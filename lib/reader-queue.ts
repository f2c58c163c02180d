/**
 * A first-in, first-out queue of values for one reader. The cost per value does not depend on the length of the queue.
 */
export class ReaderQueue<T> {
  readonly #merge: ((waiting: T[], value: T) => void) | null;
  readonly #readers: Reader<T>[] = [];
  #waiting: T[] = [];
  /** The number of values at the start of the list that have been taken. */
  #taken = 0;
  #end: { readonly error?: unknown } | null = null;
  #isDiscarding = false;

  /**
   * @param merge - adds a value to the waiting ones, or merges it into one of them. By default, values are only added
   */
  constructor(merge: ((waiting: T[], value: T) => void) | null = null) {
    this.#merge = merge;
  }

  /** The number of waiting values. */
  get size(): number {
    return this.#waiting.length - this.#taken;
  }

  /** The oldest waiting value. */
  get first(): T | undefined {
    return this.#waiting[this.#taken];
  }

  /** Adds a value; ignored after the end. */
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

  /** Removes and returns the oldest value. */
  take(): T | undefined {
    const { first } = this;
    if (this.size > 0) this.#taken += 1;
    if (this.#taken * 2 >= this.#waiting.length) this.#compact();
    return first;
  }

  /** Ends the queue after the waiting values. An `error` is thrown to the reader once. */
  end(outcome: { readonly error?: unknown } = {}): void {
    if (this.#end !== null) return;
    this.#end = outcome;
    for (const reader of this.#readers.splice(0)) this.#finish(reader);
  }

  /** Discards waiting and future values. */
  discard(): void {
    this.#isDiscarding = true;
    this.#waiting = [];
    this.#taken = 0;
  }

  /** Resolves to the next value. */
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

  /** Ends the iteration for a reader; the error is thrown only once. */
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
