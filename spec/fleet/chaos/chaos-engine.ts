import type { TurnJob } from '../../../examples/fleet/turn-job.js';
import type { UnreliableLine } from '../../remote/unreliable-line.js';
import type { ChaosStore } from './chaos-store.js';

/** A job queue under chaos: what differs from one to the other. */
export interface ChaosEngine extends AsyncDisposable {
  /** The program of a worker. */
  readonly program: string;
  /** The port of the server that workers reach over a line of their own. */
  readonly port: number;
  /** What a worker is told of it, over its line. */
  environment(line: UnreliableLine): Readonly<Record<string, string>>;
  /** The store that goes with it. */
  store(directory: string): Promise<ChaosStore>;
  add(turn: Omit<TurnJob, 'number'>): Promise<unknown>;
  /** How many turns have come to their end, and how many of these failed. */
  ended(): Promise<{ readonly all: number; readonly failed: readonly string[] }>;
}
