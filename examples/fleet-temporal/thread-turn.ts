import type { SandboxMode } from '../../lib/index.js';

/** One requested turn of a thread. */
export interface ThreadTurn {
  /** The key of the thread in the store. */
  readonly thread: string;
  /** The idempotency key of the turn, unique in its thread. */
  readonly id: string;
  readonly input: string;
  /** The sandbox of this turn only. */
  readonly sandboxMode?: SandboxMode;
}

/** The end of a turn. */
export interface TurnEnd {
  readonly id: string;
  readonly status: 'completed' | 'cancelled' | 'failed';
  /** The answer, or the reason of the failure. */
  readonly text: string;
}
