import type { FaultyTurnPlan } from './faulty-step.js';
import type { FaultySession } from './faulty-session.js';
import type { FaultyThread } from './faulty-thread.js';
import type { FaultyTurnStage } from './faulty-turn-stage.js';

/** What one step of a playing turn may use. @internal */
export interface FaultyTurnControl {
  readonly session: FaultySession;
  readonly thread: FaultyThread;
  readonly stage: FaultyTurnStage;
  /** Resolves as the promise does; the step is abandoned when the turn is interrupted meanwhile. */
  pause<T>(promise: Promise<T>): Promise<T>;
  /** How often a user has steered while the model spoke. */
  readonly steerCount: number;
  /** Begins a turn on another thread; resolves when it is over. */
  playOn(thread: FaultyThread, plan: FaultyTurnPlan): Promise<void>;
  /** Ends the turn as interrupted and abandons the step. */
  interruptNow(): never;
  /** Calls back when the turn is interrupted, before or after the turn says so; undone by what it returns. */
  onInterrupt(when: 'before' | 'after', callback: () => void): () => void;
  /** Calls back once the turn has ended. */
  onEnd(callback: () => void): void;
}
