import { CodexError } from '../errors.js';
import type { ThreadItem } from '../protocol/index.js';

/** Properties of a {@link TurnCutOffError}. @inline */
export interface TurnCutOffErrorProps {
  /** The thread. */
  readonly threadId: string;
  /** The turn that has the key. */
  readonly turnId: string;
  /** Its idempotency key. */
  readonly idempotencyKey: string;
  /** Its final status. */
  readonly turnStatus: 'interrupted' | 'failed';
  /** The items that it completed. */
  readonly items: readonly ThreadItem[];
  /** Whether later turns of the thread follow it. */
  readonly hasSuccessor: boolean;
}

/**
 * The turn with this idempotency key was begun before and did not complete: its process was killed, it was stopped, or it
 * failed. Its commands may have run, so it is not run again unless `onCutOff: 'retake'` permits it.
 *
 * @example
 * ```ts
 * try {
 *   await thread.run('Send the invoice', { idempotencyKey: 'invoice-7' });
 * } catch (error) {
 *   if (!TurnCutOffError.is(error)) throw error;
 *   console.log(error.turnStatus); // interrupted
 *   const again = { idempotencyKey: 'invoice-7', onCutOff: 'retake' } as const;
 *   console.log((await thread.run('Send the invoice', again)).origin); // retaken
 * }
 * ```
 */
export class TurnCutOffError extends CodexError {
  static override readonly errorName: string = 'TurnCutOffError';
  /** The thread. */
  readonly threadId: string;
  /** The turn that has the key. */
  readonly turnId: string;
  /** Its idempotency key. */
  readonly idempotencyKey: string;
  /** Its final status. */
  readonly turnStatus: 'interrupted' | 'failed';
  /** The items that it completed. A command that was running when the turn was cut off may be missing. */
  readonly items: readonly ThreadItem[];

  constructor(props: TurnCutOffErrorProps) {
    const { threadId, turnId, idempotencyKey, turnStatus, hasSuccessor } = props;
    const remedy = hasSuccessor
      ? 'It cannot be retaken because later turns follow it: revert the thread to before it, or use another key'
      : "Check its effects, then pass onCutOff: 'retake' to revert it and run it again, or use another key";
    super(
      `Turn ${turnId} of thread ${threadId} already ran with the idempotency key ${JSON.stringify(idempotencyKey)}. Its status is ${turnStatus}, and its commands may have run. ${remedy}.`,
      { code: 'turn-cut-off' },
    );
    this.threadId = threadId;
    this.turnId = turnId;
    this.idempotencyKey = idempotencyKey;
    this.turnStatus = turnStatus;
    this.items = props.items;
  }
}
