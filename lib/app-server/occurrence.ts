/** Something that happens at most once and may be waited for, with a limit. */
export class Occurrence {
  readonly #promise: Promise<void>;
  #resolve: () => void = () => undefined;

  constructor() {
    this.#promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** It has happened. */
  happen(): void {
    this.#resolve();
  }

  /** Calls the listener once it has happened. */
  whenHappened(listener: () => void): void {
    void this.#promise.then(listener);
  }

  /** Whether it happens within this time. */
  async within(milliseconds: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, milliseconds);
      this.whenHappened(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
