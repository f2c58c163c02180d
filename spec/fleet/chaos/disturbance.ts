/** Something bad that happened during a run. */
export interface Disturbance {
  readonly kind: DisturbanceKind;
  /** The worker that it happened to, or null if it was the store. */
  readonly worker: string | null;
  readonly from: number;
  /** When it was over; for good if it is infinite. */
  readonly until: number;
}

/**
 * `kill`: the worker's process alone, by SIGKILL; `lose-machine`: all of its processes, and its home; `pause`: all of them stand still
 * for longer than the engine waits, and go on then; `cut`: its network is silent for as long; `store-down`: the store is away.
 */
export type DisturbanceKind = 'kill' | 'lose-machine' | 'pause' | 'cut' | 'store-down';
