import { CodexError } from '../errors.js';
import type { ThreadItem } from '../protocol/index.js';
import { measured, type TurnMeasures } from './turn-measures.js';
import type { TurnUsage } from './usage.js';

/** Properties of a {@link TurnInterruptedError}. @inline */
export interface TurnInterruptedErrorProps {
  /** The thread it ran on, or null if the thread never got an id. */
  readonly threadId: string | null;
  /** The stopped turn, or null when it had not started. */
  readonly turnId: string | null;
  /** The items that completed before the stop. */
  readonly items: readonly ThreadItem[];
  /** Its times and its usage. */
  readonly measures?: TurnMeasures;
}

/**
 * A turn was stopped before it was done: by `interrupt()`, by leaving its loop, or by codex-rs.
 *
 * @example
 * ```ts
 * const turn = thread.runStreamed('Rewrite everything');
 * for await (const event of turn) if (event.type === 'text.delta') break;
 *
 * try {
 *   await turn.result();
 * } catch (error) {
 *   if (!TurnInterruptedError.is(error)) throw error;
 *   console.log(error.code, error.items.length); // turn-interrupted 1
 * }
 * ```
 */
export class TurnInterruptedError extends CodexError implements TurnMeasures {
  static override readonly errorName: string = 'TurnInterruptedError';
  /** The thread it ran on, or null if the thread never got an id. */
  readonly threadId: string | null;
  /** The stopped turn, or null when it had not started. */
  readonly turnId: string | null;
  /** The items that completed before the stop. */
  readonly items: readonly ThreadItem[];
  readonly startedAt!: Date | null;
  readonly completedAt!: Date | null;
  readonly durationMs!: number | null;
  readonly usage!: TurnUsage | null;
  readonly threadUsage!: TurnUsage | null;
  readonly lastRequestUsage!: TurnUsage | null;
  readonly modelContextWindow!: number | null;

  constructor(props: TurnInterruptedErrorProps) {
    super(
      props.turnId === null
        ? 'The turn was cancelled before it started. Nothing was sent.'
        : `Turn ${props.turnId} was interrupted before it completed.`,
      { code: 'turn-interrupted' },
    );
    this.threadId = props.threadId;
    this.turnId = props.turnId;
    this.items = props.items;
    Object.assign(this, props.measures ?? measured(null));
  }
}
