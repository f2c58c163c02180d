import type { ClientRequests } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';

/** The read-only calls that a validator may make. @inline */
export type ReadOnlyMethod =
  | 'thread/read'
  | 'thread/turns/list'
  | 'thread/list'
  | 'thread/loaded/list'
  | 'thread/attachment/list';

/** A claim about the thread to continue. */
export interface ResumeClaim {
  /** The id of the thread, in valid form. */
  readonly threadId: string;
  /** The last known position of the thread, or null without a token. */
  readonly continuation: ContinuationToken | null;
  /** The version of codex-rs, or null if unknown. Optional in a handwritten claim. */
  readonly codexVersion?: string | null;
  /**
   * Requests evidence from codex-rs. Rejects like any request (`RequestError`, `TransportError`), and with the code
   * `not-read-only` for a method that changes something, which the type excludes.
   */
  request<M extends ReadOnlyMethod>(
    method: M,
    params: ClientRequests[M]['params'],
  ): Promise<ClientRequests[M]['result']>;
  /**
   * Updates the turns that codex-rs lists. codex-rs reads them from an index next to the rollout and updates the index
   * only when it loads the thread: turns of a rollout that was restored from a backup or copied here may be missing
   * until then. Loads the thread, which takes its writer lock, and unloads it again. Optional in a handwritten claim.
   *
   * Rejects like `request`, or with `ResumeRejectedError` if the thread cannot be loaded or does not end at the token's
   * turn.
   */
  updateTurns?(): Promise<void>;
}
