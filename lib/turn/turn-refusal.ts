import { TransportError } from '../errors.js';
import { meaningOf } from '../wire/refusal-meaning.js';

/** How often a turn is sent again that did not begin, for what passes. */
export function resendLimit(error: unknown): number {
  if (isUnloaded(error)) return 1;
  // On the way to the turn: once it may have been received, the outcome is unknown, which is another error.
  if (isDisconnected(error)) return 5;
  // A compaction has begun meanwhile.
  return meaningOf(error) === 'not-steerable' ? 10 : 0;
}

/** Whether there was no connection to a server that lives by itself; there may be one in a moment. */
export function isDisconnected(error: unknown): boolean {
  if (!TransportError.is(error) || !error.retryable) return false;
  return error.code === 'connection-lost' || error.code === 'connect-failed';
}

/** Whether a request failed because codex-rs has unloaded the thread without our knowing. */
export function isUnloaded(error: unknown): boolean {
  return meaningOf(error) === 'unknown-thread';
}
