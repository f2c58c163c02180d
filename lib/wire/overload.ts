import { RequestError } from '../errors.js';
import { pause } from '../pause.js';

/** Options of {@link retryOnOverload}. @inline */
export interface OverloadOptions {
  /** The maximum number of calls. @defaultValue 5 */
  readonly attempts?: number;
  /** The pause before the second call. It doubles after each attempt, with jitter, up to 5 s. @defaultValue 100 */
  readonly baseDelayMs?: number;
  /** Cancels the wait; the promise rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
}

/**
 * Repeats a call while codex-rs reports that it is overloaded, with increasing pauses. Any other error is thrown
 * immediately.
 *
 * Read-only calls are already retried in this way. Use it for other calls that are safe to repeat: codex-rs rejects an
 * overloaded call before it processes it.
 *
 * @throws {@link RequestError} with code `overloaded` if the last attempt also fails.
 */
export async function retryOnOverload<T>(
  fn: () => Promise<T>,
  options: OverloadOptions = {},
): Promise<T> {
  const { attempts = 5, baseDelayMs = 100, signal } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await fn();
    } catch (error) {
      if (attempt >= attempts || !(error instanceof RequestError) || error.code !== 'overloaded')
        throw error;
    }
    // Between half and all of the delay, so that callers rejected together do not retry together.
    await pause(
      Math.min(baseDelayMs * 2 ** (attempt - 1), 5000) * (0.5 + Math.random() / 2),
      signal,
    );
  }
}
