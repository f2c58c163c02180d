import type { ClientRequests } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';

/** The calls a validator may make: they change nothing. @inline */
export type ReadOnlyMethod =
  | 'thread/read'
  | 'thread/turns/list'
  | 'thread/list'
  | 'thread/loaded/list'
  | 'thread/attachment/list';

/** What somebody says about the thread they want to continue. */
export interface ResumeClaim {
  /** The thread, in valid form. */
  readonly threadId: string;
  /** Where the thread stood when it was left, or null when the caller has no token. */
  readonly continuation: ContinuationToken | null;
  /** The version of codex-rs, or null if it is unknown. A claim made by hand need not have it. */
  readonly codexVersion?: string | null;
  /**
   * Asks codex-rs for evidence. Rejects like any request: `RequestError`, `TransportError`; and with the code `not-read-only`
   * for a method that changes something, which the type keeps out.
   */
  request<M extends ReadOnlyMethod>(
    method: M,
    params: ClientRequests[M]['params'],
  ): Promise<ClientRequests[M]['result']>;
  /**
   * Updates the turns that codex-rs lists. codex-rs reads them from an index beside the rollout and updates that index only
   * when it loads the thread: the turns of a rollout that was restored from a backup or copied here may be missing until then.
   * Loads the thread, which takes its writer lock, and unloads it again. A claim made by hand need not have it.
   *
   * Rejects like `request`, and with `ResumeRejectedError` if the thread cannot be loaded or does not end at the token's turn.
   */
  updateTurns?(): Promise<void>;
}
