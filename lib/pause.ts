import { timers } from './timers.js';
import { onAbort } from './on-abort.js';

/** Resolves after this time; rejects with the reason of the signal when that fires first. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = timers.setTimeout(() => {
      forget();
      resolve();
    }, milliseconds);
    const forget = signal
      ? onAbort(signal, () => {
          timers.clearTimeout(timer);
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of a signal is passed through unchanged
          reject(signal.reason);
        })
      : (): void => undefined;
  });
}
