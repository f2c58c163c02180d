import { CodexError } from '../errors.js';
import type { ThreadItem } from '../protocol/index.js';

/** The time budgets of a turn. @inline */
export type TurnBudget = 'firstProgressMs' | 'idleMs' | 'totalMs';

/** Properties of a {@link TurnTimeoutError}. @inline */
export interface TurnTimeoutErrorProps {
  /** The thread it ran on, or null if it was stopped before the thread was open. */
  readonly threadId: string | null;
  /** The turn that was stopped, or null if it was stopped before it started. */
  readonly turnId: string | null;
  /** The exceeded time limit. */
  readonly budget: TurnBudget;
  /** How large it was, in milliseconds. */
  readonly limitMs: number;
  /** The last event of the turn, such as `item/started`, or null if there was none. */
  readonly lastEvent: string | null;
  /** The items that completed before. */
  readonly items: readonly ThreadItem[];
}

/**
 * A turn exceeded one of its time limits and was stopped, with its commands.
 *
 * @example
 * ```ts
 * try {
 *   await thread.run('Think about it', { timeouts: { totalMs: 2000 } });
 * } catch (error) {
 *   if (!TurnTimeoutError.is(error)) throw error;
 *   console.log(error.budget, error.limitMs); // totalMs 2000
 * }
 * ```
 */
export class TurnTimeoutError extends CodexError {
  static override readonly errorName: string = 'TurnTimeoutError';
  /** The thread it ran on, or null if it was stopped before the thread was open. */
  readonly threadId: string | null;
  /** The turn that was stopped, or null if it was stopped before it started. */
  readonly turnId: string | null;
  /** The exceeded time limit. */
  readonly budget: TurnBudget;
  /** How large it was, in milliseconds. */
  readonly limitMs: number;
  /** The last event of the turn, or null if there was none. */
  readonly lastEvent: string | null;
  /** The items that completed before. */
  readonly items: readonly ThreadItem[];

  constructor(props: TurnTimeoutErrorProps) {
    super(
      `The turn exceeded ${props.budget} (${props.limitMs} ms) and was stopped. Its last event was ${props.lastEvent ?? 'none'}. Pass a longer timeouts: { ${props.budget} }.`,
      { code: 'turn-timeout' },
    );
    this.threadId = props.threadId;
    this.turnId = props.turnId;
    this.budget = props.budget;
    this.limitMs = props.limitMs;
    this.lastEvent = props.lastEvent;
    this.items = props.items;
  }
}
