import type { ContenderName } from './contender.js';
import { quantile, type Samples } from './samples.js';

/** A limit for a metric of codex-threads. */
export interface Goal {
  readonly metric: string;
  /** The contender to compare with; null if the number itself has the limit, or if another metric is compared. */
  readonly against: ContenderName | null;
  /** Another metric of the same contender to compare with. */
  readonly againstMetric?: string;
  readonly limit: number;
  /** The cause of a miss, if known. */
  readonly cause?: string;
  /** The contender that has the goal. @defaultValue `codex-threads` */
  readonly of?: ContenderName;
}

/** A goal and its measurement. */
export interface Outcome extends Goal {
  /** The median over all rounds, and the limits of the middle half of the rounds. */
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly isMet: boolean;
}

const goals: readonly Goal[] = [
  { metric: 'import of the package, ms', against: null, limit: 15 },
  { metric: 'import of the package: memory, MiB', against: null, limit: 3 },
  { metric: 'build and validate a thread, µs', against: null, limit: 60 },
  { metric: 'cold: import to first turn done, ms', against: 'official SDK', limit: 0.92 },
  { metric: 'cold: import to first turn done, ms', against: 'raw', limit: 1.08 },
  { metric: 'warm turn, ms', against: 'raw', limit: 1.05 },
  { metric: 'warm turn, ms', against: 'official SDK', limit: 1 / 3.7 },
  {
    metric: 'warm turn, ms',
    of: 'codex-threads over a WebSocket',
    against: 'codex-threads',
    limit: 1.05,
  },
  { metric: 'warm: first event, ms', against: 'raw', limit: 1.05 },
  { metric: 'first text of a 2 s stream, ms', against: 'raw', limit: 1.1 },
  { metric: '20,000 deltas, ms', against: 'raw', limit: 1.1 },
  { metric: '20,000 deltas: processor time of the host, ms', against: 'raw', limit: 1.1 },
  { metric: '32 threads at once, ms', against: 'raw', limit: 1.05 },
  { metric: '32 threads at once: memory, MiB', against: 'raw', limit: 1.05 },
  { metric: '200 threads at once, ms', against: 'raw', limit: 1 },
  { metric: '200 threads at once: p95 of a turn by its median', against: null, limit: 2 },
  {
    metric: 'ten turns of a clone with an override, ms',
    against: null,
    againstMetric: 'ten turns, ms',
    limit: 1.05,
  },
  ...['list 20 threads', 'find a thread by its label', 'resume a thread with a turn'].flatMap(
    (work) =>
      ['10,000 stored threads', '1,000 loaded threads'].map((crowd) => ({
        metric: `${work}: ${crowd}, ms`,
        against: null,
        againstMetric: `${work}: 20 stored threads, ms`,
        limit: 1.5,
      })),
  ),
  ...[
    { metric: 'memory: growth a turn, KiB', limit: 1 },
    { metric: 'memory: listeners gained', limit: 0 },
  ].map((goal) => ({ ...goal, against: null, of: 'codex-threads ephemeral' as const })),
];

/** The goals with their measurements. */
export function outcomes(samples: Samples): readonly Outcome[] {
  return goals
    .filter(({ metric }) => samples.metrics.includes(metric))
    .map((goal) => {
      const { metric, against, againstMetric, limit, of = 'codex-threads' } = goal;
      const values =
        against === null && againstMetric === undefined
          ? samples.values(metric, of)
          : samples.ratios(metric, of, { other: against ?? of, otherMetric: againstMetric });
      const [median, low, high] = [0.5, 0.25, 0.75].map((part) => quantile(values, part));
      if (median === undefined || low === undefined || high === undefined)
        throw new TypeError(`${metric} has no samples.`);
      return { ...goal, median, low, high, isMet: median <= limit };
    });
}
