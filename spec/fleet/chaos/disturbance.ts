/** A disturbance during a run. */
export interface Disturbance {
  readonly kind: DisturbanceKind;
  /** The affected worker, or null for the store. */
  readonly worker: string | null;
  readonly from: number;
  /** The time of its end; infinite if it is permanent. */
  readonly until: number;
}

/**
 * `kill`: kills only the worker's process, by SIGKILL; `lose-machine`: kills all of its processes, and removes its
 * home; `pause`: stops all of them for longer than the engine waits, then resumes them; `cut`: blocks its network
 * for the same time; `store-down`: makes the store unavailable.
 */
export type DisturbanceKind = 'kill' | 'lose-machine' | 'pause' | 'cut' | 'store-down';
