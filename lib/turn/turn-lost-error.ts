import { TransportError } from '../errors.js';
import type { ThreadItem } from '../protocol/index.js';

/** Properties of a {@link TurnLostError}. @inline */
export interface TurnLostErrorProps {
  /** The thread it ran on. */
  readonly threadId: string;
  /** The turn that was running. */
  readonly turnId: string;
  /** The items that completed before. */
  readonly items: readonly ThreadItem[];
  /** The error that ended the process. */
  readonly cause: TransportError;
}

/**
 * codex-rs exited during an accepted turn: the input is in the thread's history, the answer is not. Running the same input
 * again would add it twice; a short "go on" continues. The thread's next turn works.
 *
 * @example
 * ```ts
 * try {
 *   await turn.result();
 * } catch (error) {
 *   if (!TurnLostError.is(error)) throw error;
 *   console.log(error.signal, error.delivered); // SIGKILL true
 *   await thread.run('Continue where you left off');
 * }
 * ```
 */
export class TurnLostError extends TransportError {
  static override readonly errorName: string = 'TurnLostError';
  /** Always `true`: codex-rs had accepted the turn. See `OutcomeUnknownError` for a turn without an acknowledgement. */
  readonly delivered = true as const;
  /** The thread it ran on. */
  readonly threadId: string;
  /** The turn that was running. */
  readonly turnId: string;
  /** The items that completed before. */
  readonly items: readonly ThreadItem[];

  constructor(props: TurnLostErrorProps) {
    const { exitCode, signal, stderrTail } = props.cause;
    super(
      `Turn ${props.turnId} was lost after codex-rs accepted it: ${props.cause.message} Its input is in the history of the thread: run another turn to continue.`,
      { code: 'turn-lost', retryable: false, exitCode, signal, stderrTail, cause: props.cause },
    );
    this.threadId = props.threadId;
    this.turnId = props.turnId;
    this.items = props.items;
  }
}
