import type { SandboxMode } from '../../lib/index.js';

/** A job of a fleet: one turn of one thread. */
export interface TurnJob {
  /** The key of the thread in the store. */
  readonly thread: string;
  /** The number of the turn in the thread, from 1. */
  readonly number: number;
  readonly input: string;
  /** The sandbox of this turn only. */
  readonly sandboxMode?: SandboxMode;
}

/** The idempotency key of a turn, and its name in the engine. */
export function turnKey({ thread, number }: Pick<TurnJob, 'thread' | 'number'>): string {
  return `${thread}/${number}`;
}
