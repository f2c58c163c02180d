import { CodexError } from '../errors.js';
import type { ThreadItem, TurnStatus } from '../protocol/index.js';

/** What a thread's history says of a turn nobody knew about. */
export type ReconciledTurn =
  | {
      /** The thread is ephemeral, and codex-rs keeps no history of it: the turn ran or it did not, and it does not run now. */
      readonly status: 'untraceable';
    }
  | {
      /** codex-rs never took the turn in: running it again says it once. */
      readonly status: 'absent';
    }
  | {
      /** codex-rs took the turn in: running it again would say it twice. */
      readonly status: 'found';
      /** The turn's id. */
      readonly turnId: string;
      /** How the turn stands in the history; a turn that a crash cut off is `interrupted`. */
      readonly turnStatus: TurnStatus;
      /** The turn's items, as far as the history has them. */
      readonly items: readonly ThreadItem[];
    };

/** What is known of a turn nobody knows the outcome of. @inline */
export interface OutcomeUnknownErrorProps {
  /** The thread it was sent to. */
  readonly threadId: string;
  /** What the turn can be found by in the thread's history. */
  readonly clientMessageId: string;
  /** What broke off the acknowledgement. */
  readonly cause: unknown;
  /** Looks the turn up. */
  readonly reconcile: () => Promise<ReconciledTurn>;
}

/**
 * A turn was sent and no acknowledgement came: it may run, have run, or never run. It is not sent again by itself. Ask
 * {@link OutcomeUnknownError.reconcile}; until the outcome is known the thread's next turns wait, and find out themselves.
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
  /** What the turn can be found by in the thread's history: the `clientId` of its user message. */
  readonly clientMessageId: string;
  readonly #reconcile: () => Promise<ReconciledTurn>;

  constructor(props: OutcomeUnknownErrorProps) {
    super(
      `A turn was sent to thread ${props.threadId} and no acknowledgement came, so nobody knows whether it runs: ask reconcile() before you send it again.`,
      { code: 'outcome-unknown', cause: props.cause },
    );
    this.threadId = props.threadId;
    this.clientMessageId = props.clientMessageId;
    this.#reconcile = props.reconcile;
  }

  /** Finds the turn in the thread's history, or proves its absence. Reads only; may be repeated when it rejects. */
  async reconcile(): Promise<ReconciledTurn> {
    return this.#reconcile();
  }
}
