import { CodexError } from '../errors.js';

/** Properties of a {@link TurnConflictError}. @inline */
export interface TurnConflictErrorProps {
  /** The thread. */
  readonly threadId: string;
  /** The turn of the other client. */
  readonly turnId: string;
}

/**
 * Another client of the same server started a turn on the thread at the same time, and codex-rs added the input to that
 * turn. The input is in the thread, and the other turn continues. `thread.attach()` returns that turn.
 *
 * @example
 * ```ts
 * try {
 *   await thread.run('Fix it');
 * } catch (error) {
 *   if (!TurnConflictError.is(error)) throw error;
 *   const turn = await thread.attach();
 *   console.log(turn?.turnId === error.turnId); // true
 * }
 * ```
 */
export class TurnConflictError extends CodexError {
  static override readonly errorName: string = 'TurnConflictError';
  /** The thread. */
  readonly threadId: string;
  /** The turn that the input was added to. */
  readonly turnId: string;

  constructor({ threadId, turnId }: TurnConflictErrorProps) {
    super(
      `Another client started turn ${turnId} on thread ${threadId} at the same time, and codex-rs added the input to that turn. The input is in the history: call attach() to follow the turn.`,
      { code: 'turn-conflict' },
    );
    this.threadId = threadId;
    this.turnId = turnId;
  }
}
