import type { RateLimitSnapshot } from '../protocol/index.js';

/** When the limits that are used up can be used again; null when none is, or nobody says when. */
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
  // Whoever is held by two limits waits for the later one.
  return times.length === 0 ? null : new Date(Math.max(...times) * 1000);
}
