import { onAbort } from './on-abort.js';
import { after } from './timers.js';

/** Limits of {@link within}. */
export interface WaitLimits {
  /** Stops the wait when it fires. */
  readonly signal?: AbortSignal | undefined;
  /** The time limit, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Creates the error for an exceeded time limit. */
  readonly late?: (timeoutMs: number) => Error;
}

/**
 * Waits for a promise within the limits. The underlying work continues afterwards.
 *
 * @throws the reason of the signal; the error that `late` gives; the error that the promise rejects with
 */
export async function within<T>(
  promise: Promise<T>,
  { signal, timeoutMs = Infinity, late }: WaitLimits,
): Promise<T> {
  const ends: (() => void)[] = [];
  const limited = new Promise<never>((_, reject) => {
    ends.push(
      after(timeoutMs, () => {
        reject(late?.(timeoutMs) ?? new Error(`Timed out after ${timeoutMs} ms.`));
      }),
    );
    if (signal !== undefined)
      ends.push(
        onAbort(signal, () => {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of a signal is passed through unchanged
          reject(signal.reason);
        }),
      );
  });
  try {
    return await Promise.race([promise, limited]);
  } finally {
    for (const end of ends) end();
  }
}
