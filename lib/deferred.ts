import { after } from './timers.js';

/** An event that happens at most once and can be awaited with a time limit. */
export class Deferred {
  /** Resolves when it happens. */
  readonly promise: Promise<void>;
  #resolve: () => void = () => undefined;
  #isResolved = false;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Whether it has happened. */
  get isResolved(): boolean {
    return this.#isResolved;
  }

  /** Marks the event as happened. */
  resolve(): void {
    if (this.#isResolved) return;
    this.#isResolved = true;
    this.#resolve();
  }

  /** Calls the listener after the event. */
  whenResolved(listener: () => void): void {
    void this.promise.then(listener);
  }

  /** Resolves to whether the event happens within this time. */
  async within(milliseconds: number): Promise<boolean> {
    if (this.#isResolved || milliseconds === 0) return this.#isResolved;
    return new Promise((resolve) => {
      const cancel = after(milliseconds, () => {
        resolve(false);
      });
      this.whenResolved(() => {
        cancel();
        resolve(true);
      });
    });
  }
}
