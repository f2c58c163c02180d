import type { ContenderName } from './contender.js';
import { quantile, type Samples } from './samples.js';

/** What codex-threads is meant to reach. */
export interface Goal {
  readonly metric: string;
  /** Whom it is compared with; null when the number itself counts. */
  readonly against: ContenderName | null;
  /** The most that it may be. */
  readonly limit: number;
  /** What a miss was found to come from, as far as it is known. */
  readonly cause?: string;
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
  {
    metric: 'cold: import to first turn done, ms',
    against: 'official SDK',
    limit: 0.85,
    cause:
      'raw itself is at some × 0.88 of the SDK here, which needs no import to speak of; the rest is what this package takes more than raw.',
  },
  {
    metric: 'cold: import to first turn done, ms',
    against: 'raw',
    limit: 1.1,
    cause:
      'the import is 25 ms of it, most of that class-validator, class-transformer and our own code being compiled. Before the start, what a killed host has left is looked for and the gate of the home is passed; before the first turn codex-rs is asked once whether there is an account (4 to 6 ms). A process is started once.',
  },
  { metric: 'warm turn, ms', against: 'raw', limit: 1.05 },
  { metric: 'warm turn, ms', against: 'official SDK', limit: 1 / 3.7 },
  {
    metric: 'warm turn, ms',
    of: 'codex-threads over a WebSocket',
    against: 'codex-threads',
    limit: 1.05,
  },
  {
    metric: 'warm: first event, ms',
    against: 'raw',
    limit: 1.15,
    cause:
      'about 1 ms a turn, in code that runs once a turn and so is not compiled well by the engine: the queue, the description of the turn, the settings it runs with, its stream. No request goes out that raw does not send.',
  },
  { metric: 'first text of a 2 s stream, ms', against: 'raw', limit: 1.1 },
  { metric: '20,000 deltas, ms', against: 'raw', limit: 1.1 },
  {
    metric: '20,000 deltas: processor time of the host, ms',
    against: 'raw',
    limit: 1.1,
    cause:
      'about 2 µs a delta: a typed event for each, the text of the item put together, and the garbage of both; raw throws the deltas away. codex-rs itself takes some 50 µs a delta, so that the wall clock hardly shows it.',
  },
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
