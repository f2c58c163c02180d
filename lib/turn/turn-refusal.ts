import { meaningOf } from '../wire/refusal-meaning.js';

/** How often a turn is sent again that codex-rs has refused for what passes. */
export function resendLimit(error: unknown): number {
  if (isUnloaded(error)) return 1;
  // A compaction has begun meanwhile.
  return meaningOf(error) === 'not-steerable' ? 10 : 0;
}

/** Whether a request failed because codex-rs has unloaded the thread without our knowing. */
export function isUnloaded(error: unknown): boolean {
  return meaningOf(error) === 'unknown-thread';
}
