import type { SandboxMode } from '../../lib/index.js';

/** One turn that is requested of a thread. */
export interface ThreadTurn {
  /** The key of the thread in the store. */
  readonly thread: string;
  /** Names the turn among those of its thread: its idempotency key. */
  readonly id: string;
  readonly input: string;
  /** The sandbox of this turn alone. */
  readonly sandboxMode?: SandboxMode;
}

/** How a turn ended. */
export interface TurnEnd {
  readonly id: string;
  readonly status: 'completed' | 'cancelled' | 'failed';
  /** The answer, or the reason of the failure. */
  readonly text: string;
}
