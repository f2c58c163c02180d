/** Something that happens at most once and may be waited for, with a limit. */
import { timers } from '../timers.js';
export class Occurrence {
  readonly #promise: Promise<void>;
  #resolve: () => void = () => undefined;
  #hasHappened = false;

  constructor() {
    this.#promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Whether it has happened. */
  get hasHappened(): boolean {
    return this.#hasHappened;
  }

  /** It has happened. */
  happen(): void {
    this.#hasHappened = true;
    this.#resolve();
  }

  /** Calls the listener once it has happened. */
  whenHappened(listener: () => void): void {
    void this.#promise.then(listener);
  }

  /** Whether it happens within this time. */
  async within(milliseconds: number): Promise<boolean> {
    if (this.#hasHappened || milliseconds === 0) return this.#hasHappened;
    return new Promise((resolve) => {
      const timer = timers.setTimeout(() => {
        resolve(false);
      }, milliseconds);
      this.whenHappened(() => {
        timers.clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
