import type { ContenderName } from './contender.js';
import { quantile, type Samples } from './samples.js';

/** What codex-threads is meant to reach. */
export interface Goal {
  readonly metric: string;
  /** Whom it is compared with; null when the number itself counts. */
  readonly against: ContenderName | null;
  /** The most that it may be. */
  readonly limit: number;
  /** Which contender has the goal. @defaultValue `codex-threads` */
  readonly of?: ContenderName;
}

/** A goal, and what was measured. */
export interface Outcome extends Goal {
  /** The median over all rounds, and between what the middle half of the rounds lies. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly isMet: boolean;
}

const goals: readonly Goal[] = [
  { metric: 'import of the package, ms', against: null, limit: 30 },
  { metric: 'import of the package: memory, MiB', against: null, limit: 5 },
  { metric: 'build and validate a thread, µs', against: null, limit: 60 },
  { metric: 'cold: import to first turn done, ms', against: 'official SDK', limit: 0.85 },
  { metric: 'cold: import to first turn done, ms', against: 'raw', limit: 1.1 },
  { metric: 'warm turn, ms', against: 'raw', limit: 1.05 },
  { metric: 'warm turn, ms', against: 'official SDK', limit: 1 / 3.7 },
  { metric: 'warm: first event, ms', against: 'raw', limit: 1.15 },
  { metric: 'first text of a 2 s stream, ms', against: 'raw', limit: 1.1 },
  { metric: '20,000 deltas, ms', against: 'raw', limit: 1.1 },
  { metric: '20,000 deltas: processor time of the host, ms', against: 'raw', limit: 1.1 },
  { metric: '32 threads at once, ms', against: 'raw', limit: 1.05 },
  { metric: '32 threads at once: memory, MiB', against: 'raw', limit: 1.05 },
  { metric: '200 threads at once, ms', against: 'raw', limit: 1.1 },
];

/** The goals of what was measured. */
export function outcomes(samples: Samples): readonly Outcome[] {
  return goals
    .filter(({ metric }) => samples.metrics.includes(metric))
    .map((goal) => {
      const { metric, against, limit, of = 'codex-threads' } = goal;
      const values =
        against === null ? samples.values(metric, of) : samples.ratios(metric, of, against);
      const [median, low, high] = [0.5, 0.25, 0.75].map((part) => quantile(values, part));
      if (median === undefined || low === undefined || high === undefined)
        throw new TypeError(`There is no sample of ${metric}.`);
      return { ...goal, median, low, high, isMet: median <= limit };
    });
}
