import { CodexError } from '../errors.js';
import type { ThreadGoal } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { StopReport } from './stop-report.js';
import type { SteerOutcome } from './turn.js';
import type { TurnEvent } from './turn-events.js';
import type { TurnInput } from './turn-input.js';
import type { TurnOptions } from './turn-options.js';
import type { TurnResult } from './turn-result.js';
import type { TurnUsage } from './usage.js';

/** The status of a goal: `pending` until it is first read; this library adds `interrupted` and `failed`. @inline */
export type GoalState = 'pending' | 'interrupted' | 'failed' | 'cleared' | ThreadGoal['status'];

/** How codex-rs ends a goal. @inline */
export type GoalOutcome = 'complete' | 'blocked' | 'usageLimited' | 'budgetLimited' | 'cleared';

/** Options of `thread.pursue()`. @inline */
export interface GoalOptions extends Pick<
  TurnOptions,
  'signal' | 'timeouts' | 'budget' | 'approvals'
> {
  /**
   * The budget that codex-rs enforces: it counts uncached tokens and ends the goal as `budgetLimited` at the end of the
   * turn that exceeds it. `budget` instead stops the turn and fails the goal.
   */
  readonly tokenBudget?: number;
}

/** An event of one of the goal's turns, with the id of the turn; or a change of the goal. @inline */
export type GoalEvent = (TurnEvent & EventOfTurn) | GoalUpdatedEvent;

/** The turn of an event. @inline */
export interface EventOfTurn {
  /** The turn it belongs to. */
  readonly turnId: string;
}

/** The goal's status or usage changed; follows the events of the running turn. @inline */
export interface GoalUpdatedEvent {
  /** Discriminator. */
  readonly type: 'goal.updated';
  /** The turn that the change belongs to, or null. */
  readonly turnId: string | null;
  /** The goal as codex-rs reports it; null once it is cleared. */
  readonly goal: ThreadGoal | null;
}

/** The result of a goal. Frozen. @inline */
export interface GoalResult {
  /** The thread it was pursued on. */
  readonly threadId: string;
  /** The goal. */
  readonly objective: string;
  /** How codex-rs ended it. The model reports `complete` and `blocked`. */
  readonly outcome: GoalOutcome;
  /** The answer of the last turn. */
  readonly finalResponse: string | null;
  /** The results of the goal's turns, in order. */
  readonly turns: readonly TurnResult[];
  /** The total usage of the turns, without their sub-agents. */
  readonly usage: TurnUsage;
  /** Resumes the thread as of now. */
  readonly continuation: ContinuationToken | null;
}

/** Pursues a goal for its handle. @internal */
export interface GoalDriver {
  readonly state: GoalState;
  readonly turnId: string | null;
  readonly turns: readonly TurnResult[];
  readonly outcome: Promise<GoalResult>;
  begin(): void;
  next(): Promise<IteratorResult<GoalEvent, void>>;
  discard(): void;
  steer(input: TurnInput): Promise<SteerOutcome>;
  set(status: 'active' | 'paused'): Promise<void>;
  interrupt(): Promise<StopReport>;
}

/**
 * A goal that codex-rs pursues over several turns: it starts turns automatically until the model reports the goal as
 * complete or blocked. Like a `Turn`, it starts when it is first read; its events are for one reader, and leaving the loop
 * interrupts it.
 *
 * The turns run with the settings of the thread. Your own turn (`thread.run()`) runs between two of them, while the goal is
 * paused.
 *
 * @example
 * ```ts
 * const goal = thread.pursue('All tests pass');
 * let text = '';
 * for await (const event of goal) if (event.type === 'text.delta') text += event.text;
 * console.log(text); // One is left. All tests pass.
 *
 * const { outcome, turns, usage } = await goal.result();
 * console.log(outcome, turns.length, usage.totalTokens); // complete 2 45
 * ```
 */
export class Goal implements AsyncIterable<GoalEvent, void>, AsyncDisposable {
  /** The objective. */
  readonly objective: string;
  readonly #driver: GoalDriver;
  #isRead = false;
  #stop: Promise<StopReport> | null = null;

  /** @internal */
  constructor(objective: string, driver: GoalDriver) {
    this.objective = objective;
    this.#driver = driver;
  }

  /** The goal's status as last reported by codex-rs. */
  get status(): GoalState {
    return this.#driver.state;
  }

  /** The turn that runs now, or null. */
  get turnId(): string | null {
    return this.#driver.turnId;
  }

  /** The results of the turns that are complete. */
  get turns(): readonly TurnResult[] {
    return this.#driver.turns;
  }

  /**
   * The events of all its turns, in order. The goal starts when the first one is requested; leaving the loop interrupts it.
   *
   * @throws {@link CodexError} `already-read` if the events were already requested
   */
  [Symbol.asyncIterator](): AsyncIterator<GoalEvent, void> {
    if (this.#isRead)
      throw new CodexError(
        'The events of a goal can be read only once: store them, or use result().',
        {
          code: 'already-read',
        },
      );
    this.#isRead = true;
    return {
      next: async () => {
        this.#driver.begin();
        return this.#driver.next();
      },
      return: async () => {
        this.#driver.discard();
        await this.interrupt();
        return { done: true, value: undefined };
      },
    };
  }

  /**
   * The goal's result, once codex-rs has ended it; starts the goal if necessary.
   *
   * @throws `TurnFailedError` when one of its turns failed; `TurnLostError` when codex-rs exited or its connection was lost
   * @throws `TurnInterruptedError` when it was interrupted; `signal.reason` when its signal did that
   * @throws `TurnTimeoutError`, `TurnBudgetError` when it exceeded a limit of `timeouts` or `budget`
   * @throws `ThreadBusyError` while another goal is pursued on the thread
   */
  async result(): Promise<GoalResult> {
    this.#driver.begin();
    return this.#driver.outcome;
  }

  /** Adds input to the running turn (`turn/steer`); `turnEnded` between two turns. */
  async steer(input: TurnInput): Promise<SteerOutcome> {
    return this.#driver.steer(input);
  }

  /**
   * Stops codex-rs from starting further turns (`thread/goal/set`); the running turn continues to its end. Time limits are
   * paused between the turns of a paused goal.
   *
   * @throws {@link CodexError} `turn-not-started` before the goal was started, `goal-ended` when it is over
   */
  async pause(): Promise<void> {
    await this.#driver.set('paused');
  }

  /** Resumes a paused goal; throws the same errors as {@link Goal.pause}. */
  async resume(): Promise<void> {
    await this.#driver.set('active');
  }

  /** Pauses the goal and stops the running turn like `turn.interrupt()`; `result()` then rejects. */
  async interrupt(): Promise<StopReport> {
    this.#stop ??= this.#driver.interrupt();
    return this.#stop;
  }

  /** The same as {@link Goal.interrupt}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.interrupt();
  }
}
