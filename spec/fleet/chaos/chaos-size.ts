/** The size of a run. */
export interface ChaosSize {
  readonly threads: number;
  /** Turns of each thread. One more runs after the disturbances. */
  readonly turns: number;
  readonly workers: number;
  /** Concurrent turns on a worker. */
  readonly concurrency: number;
  /** The time after which the engine considers a silent worker dead. */
  readonly leaseMs: number;
  /** The interval of the disturbances. */
  readonly everyMs: number;
  /** The maximum number of disturbances: each kind occurs at least once. */
  readonly disturbances: number;
  /** The time for which the store is unavailable. */
  readonly outageMs: number;
  /** The time after which a run counts as stuck. */
  readonly deadlineMs: number;
}

export const fullSize: ChaosSize = {
  threads: 200,
  turns: 5,
  workers: 3,
  concurrency: 4,
  leaseMs: 5000,
  everyMs: 5000,
  disturbances: Infinity,
  outageMs: 10_000,
  deadlineMs: 1_800_000,
};

export const shortSize: ChaosSize = {
  threads: 16,
  turns: 3,
  workers: 3,
  concurrency: 2,
  leaseMs: 4000,
  everyMs: 2000,
  disturbances: 7,
  outageMs: 2000,
  deadlineMs: 120_000,
};
