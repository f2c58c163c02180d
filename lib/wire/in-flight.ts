import { onAbort } from '../on-abort.js';

/** Limits the number of concurrent calls; further calls wait in order of arrival. */
export class InFlight {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  /**
   * Runs the work as soon as there is a free slot.
   *
   * @throws the reason of the signal if it fires first; the work is then not run
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#room(signal);
    try {
      return await work();
    } finally {
      this.#passOn();
    }
  }

  async #room(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        forget();
        resolve();
      };
      this.#waiting.add(enter);
      const forget = signal
        ? onAbort(signal, () => {
            this.#waiting.delete(enter);
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of a signal is passed through unchanged
            reject(signal.reason);
          })
        : (): void => undefined;
    });
  }

  #passOn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
