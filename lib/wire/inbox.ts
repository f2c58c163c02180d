/** A queue whose cost per entry does not grow with its length. */
export class Inbox<T> {
  #entries: T[] = [];
  #head = 0;

  /** The oldest entry. */
  get first(): T | undefined {
    return this.#entries[this.#head];
  }

  /** Adds the newest entry. */
  push(entry: T): void {
    this.#entries.push(entry);
  }

  /** Takes the oldest entry out. */
  drop(): void {
    this.#head += 1;
    if (this.#head < 1024 && this.#head < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}
