import type { TurnJob } from '../../../examples/fleet/turn-job.js';
import type { UnreliableLine } from '../../remote/unreliable-line.js';
import type { ChaosStore } from './chaos-store.js';

/** A job queue in the chaos test: the differences between engines. */
export interface ChaosEngine extends AsyncDisposable {
  /** The program of a worker. */
  readonly program: string;
  /** The port of the server that workers reach over their own line. */
  readonly port: number;
  /** The settings of a worker for the queue, over its line. */
  environment(line: UnreliableLine): Readonly<Record<string, string>>;
  /** The store for this engine. */
  store(directory: string): Promise<ChaosStore>;
  add(turn: Omit<TurnJob, 'number'>): Promise<unknown>;
  /** The number of ended turns, and of failed ones among them. */
  ended(): Promise<{ readonly all: number; readonly failed: readonly string[] }>;
}
