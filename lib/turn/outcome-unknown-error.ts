import { CodexError } from '../errors.js';
import type { ThreadItem, TurnStatus } from '../protocol/index.js';

/** The outcome of an unacknowledged turn according to the thread's history. */
export type ReconciledTurn =
  | {
      /** The thread is ephemeral and has no history: the turn may have run, and is not running now. */
      readonly status: 'untraceable';
    }
  | {
      /** codex-rs never received the turn: running it again adds the input once. */
      readonly status: 'absent';
    }
  | {
      /** codex-rs received the turn: running it again would add the input twice. */
      readonly status: 'found';
      /** The turn's id. */
      readonly turnId: string;
      /** The turn's status in the history; a turn that a crash cut off is `interrupted`. */
      readonly turnStatus: TurnStatus;
      /** The turn's items, as far as the history has them. */
      readonly items: readonly ThreadItem[];
    };

/** Properties of an {@link OutcomeUnknownError}. @inline */
export interface OutcomeUnknownErrorProps {
  /** The thread it was sent to. */
  readonly threadId: string;
  /** The client id of the turn in the thread's history. */
  readonly clientMessageId: string;
  /** The error that prevented the acknowledgement. */
  readonly cause: unknown;
  /** Looks the turn up. */
  readonly reconcile: () => Promise<ReconciledTurn>;
}

/**
 * A turn was sent and no acknowledgement came: it may run, have run, or never run. It is not sent again automatically. Call
 * {@link OutcomeUnknownError.reconcile} to look it up. Until the outcome is known the thread's next turns wait, and look it
 * up themselves.
 *
 * @example
 * ```ts
 * try {
 *   await thread.run('Send the invoice', { timeouts });
 * } catch (error) {
 *   if (!OutcomeUnknownError.is(error)) throw error;
 *   const outcome = await error.reconcile();
 *   console.log(outcome.status); // found
 *   if (outcome.status === 'absent') await thread.run('Send the invoice');
 * }
 * ```
 */
export class OutcomeUnknownError extends CodexError {
  static override readonly errorName: string = 'OutcomeUnknownError';
  /** The thread it was sent to. */
  readonly threadId: string;
  /** The key of the turn in the thread's history: the `clientId` of its user message. */
  readonly clientMessageId: string;
  readonly #reconcile: () => Promise<ReconciledTurn>;

  constructor(props: OutcomeUnknownErrorProps) {
    super(
      `codex-rs did not acknowledge a turn sent to thread ${props.threadId}, so its outcome is unknown: call reconcile() before you send it again.`,
      { code: 'outcome-unknown', cause: props.cause },
    );
    this.threadId = props.threadId;
    this.clientMessageId = props.clientMessageId;
    this.#reconcile = props.reconcile;
  }

  /** Finds the turn in the thread's history, or proves its absence. Read-only; can be repeated after a rejection. */
  async reconcile(): Promise<ReconciledTurn> {
    return this.#reconcile();
  }
}
