import { TransportError } from '../errors.js';
import { meaningOf } from '../wire/refusal-meaning.js';

/** How many times a turn that did not begin is sent again after a transient failure. */
export function resendLimit(error: unknown): number {
  if (isUnloaded(error)) return 1;
  // Only before the turn is sent: once it may have been received, the outcome is unknown, which is another error.
  if (isDisconnected(error)) return 5;
  // A compaction has begun meanwhile.
  return meaningOf(error) === 'not-steerable' ? 10 : 0;
}

/** Whether an independent server could not be reached; it may be reachable soon. */
export function isDisconnected(error: unknown): boolean {
  if (!TransportError.is(error) || !error.retryable) return false;
  return error.code === 'connection-lost' || error.code === 'connect-failed';
}

/** Whether a request failed because codex-rs unloaded the thread without notifying this client. */
export function isUnloaded(error: unknown): boolean {
  return meaningOf(error) === 'unknown-thread';
}
