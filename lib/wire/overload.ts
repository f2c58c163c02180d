import { RequestError } from '../errors.js';
import { pause } from '../pause.js';

/** How long {@link retryOnOverload} keeps trying. @inline */
export interface OverloadOptions {
  /** How often the call is made at most. @defaultValue 5 */
  readonly attempts?: number;
  /** The pause before the second call; it doubles each time, with a random part, up to 5 s. @defaultValue 100 */
  readonly baseDelayMs?: number;
  /** Ends the waiting; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Makes the call again while codex-rs answers that it is overloaded, with growing pauses; any other error is handed on at once.
 *
 * Calls that change nothing are retried like this already. Use it for a call of which you know that it may be made twice:
 * codex-rs refuses an overloaded call before it looks at it.
 *
 * @throws {@link RequestError} with code `overloaded` when the last attempt is refused too.
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
    // Between half and the whole of it: callers that were refused together do not come back together.
    await pause(
      Math.min(baseDelayMs * 2 ** (attempt - 1), 5000) * (0.5 + Math.random() / 2),
      signal,
    );
  }
}
