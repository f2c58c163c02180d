import type { ThreadTokenUsage } from '../protocol/index.js';

/** How full the context of a thread's model is. @inline */
export interface ContextWindow {
  /** How many tokens the last model request had in it, its answer included; after a compaction, how many are left. */
  readonly used: number;
  /** How many tokens the model can have in it. */
  readonly size: number;
  /** `used` out of `size`. */
  readonly fraction: number;
}

/** What a report of codex-rs says of the context; null if it does not know how large that is. */
export function contextWindowOf({
  last,
  modelContextWindow: size,
}: ThreadTokenUsage): ContextWindow | null {
  if (typeof size !== 'number' || size <= 0) return null;
  return Object.freeze({ used: last.totalTokens, size, fraction: last.totalTokens / size });
}
