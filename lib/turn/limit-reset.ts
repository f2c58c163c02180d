import type { RateLimitSnapshot } from '../protocol/index.js';

/** The time at which all exhausted limits have reset; null if no limit is exhausted or the time is unknown. */
export function limitReset(limits: RateLimitSnapshot): Date | null {
  const { primary, secondary, individualLimit } = limits;
  const times = [
    ...[primary, secondary].map((window) =>
      window !== null && window.usedPercent >= 100 ? window.resetsAt : null,
    ),
    individualLimit !== null && individualLimit.remainingPercent <= 0
      ? individualLimit.resetsAt
      : null,
  ].filter((seconds) => typeof seconds === 'number');
  // If two limits apply, the later reset wins.
  return times.length === 0 ? null : new Date(Math.max(...times) * 1000);
}
