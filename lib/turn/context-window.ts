import type { ThreadTokenUsage } from '../protocol/index.js';

/** How full the context of a thread's model is. @inline */
export interface ContextWindow {
  /** The number of tokens in the last model request and its answer; after a compaction, the number left. */
  readonly used: number;
  /** The number of tokens that fit in the context. */
  readonly size: number;
  /** `used` out of `size`. */
  readonly fraction: number;
}

/** The context window in a codex-rs report; null if its size is unknown. */
export function contextWindowOf({
  last,
  modelContextWindow: size,
}: ThreadTokenUsage): ContextWindow | null {
  if (typeof size !== 'number' || size <= 0) return null;
  return Object.freeze({ used: last.totalTokens, size, fraction: last.totalTokens / size });
}
