/** How much of it. */
export interface ChaosSize {
  readonly threads: number;
  /** Turns of each thread. One more is run when all is calm again. */
  readonly turns: number;
  readonly workers: number;
  /** Turns at once on a worker. */
  readonly concurrency: number;
  /** When the engine takes a silent worker for dead. */
  readonly leaseMs: number;
  /** How often something happens. */
  readonly everyMs: number;
  /** How many things happen at most: each kind at least once. */
  readonly disturbances: number;
  /** How long the store is away. */
  readonly outageMs: number;
  /** When a run counts as stuck. */
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
