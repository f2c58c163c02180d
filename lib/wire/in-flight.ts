import { onAbort } from '../on-abort.js';

/** Lets a limited number of calls be under way at once; the others wait, first come first served. */
export class InFlight {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(limit: number) {
    this.#free = limit;
  }

  /**
   * Does the work as soon as there is room for it.
   *
   * @throws the reason of the signal when it fires first; the work is not done then
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
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of a signal is handed on untouched
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
