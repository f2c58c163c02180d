/** Who has a thread, one after the other: its turns, and what else needs it for itself. First in, first out. */
export class TurnQueue {
  /** What has or waits for the thread, each with whether its outcome is told already. */
  readonly #waiting = new Set<() => boolean>();
  readonly #rest: () => void;
  #last: Promise<unknown> = Promise.resolve();

  /** @param rest - called whenever nothing waits any more */
  constructor(rest: () => void) {
    this.#rest = rest;
  }

  /** Whether something has the thread, or waits for it. */
  get isBusy(): boolean {
    return [...this.#waiting].some((isOver) => !isOver());
  }

  /**
   * Does the work when it is its turn; resolves with what it gives.
   *
   * @param isOver - whether the outcome is told already, although the work goes on
   */
  async add<T>(work: () => Promise<T>, isOver = (): boolean => false): Promise<T> {
    const entry = (): boolean => isOver();
    this.#waiting.add(entry);
    const result = this.#last.then(work).finally(() => {
      this.#waiting.delete(entry);
      if (this.#waiting.size === 0) this.#rest();
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}
