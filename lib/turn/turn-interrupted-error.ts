import { CodexError } from '../errors.js';
import type { ThreadItem } from '../protocol/index.js';

/** What a stopped turn leaves behind. */
export interface TurnInterruptedErrorProps {
  /** The thread it ran on, or null when the thread never got an id. */
  readonly threadId: string | null;
  /** The stopped turn, or null when it had not started. */
  readonly turnId: string | null;
  /** The items that completed before the stop. */
  readonly items: readonly ThreadItem[];
}

/** A turn was stopped before it was done: by `interrupt()`, by leaving its loop, or by codex-rs. */
export class TurnInterruptedError extends CodexError {
  static override readonly errorName: string = 'TurnInterruptedError';
  /** The thread it ran on, or null when the thread never got an id. */
  readonly threadId: string | null;
  /** The stopped turn, or null when it had not started. */
  readonly turnId: string | null;
  /** The items that completed before the stop. */
  readonly items: readonly ThreadItem[];

  constructor(props: TurnInterruptedErrorProps) {
    super(
      props.turnId === null
        ? 'The turn was cancelled before it started; nothing was sent.'
        : `Turn ${props.turnId} was interrupted before it was done.`,
      { code: 'turn-interrupted' },
    );
    this.threadId = props.threadId;
    this.turnId = props.turnId;
    this.items = props.items;
  }
}
