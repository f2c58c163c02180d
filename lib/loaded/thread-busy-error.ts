import { CodexError } from '../errors.js';

/** The owner of a busy thread: this client, or another process on the same `CODEX_HOME`. @inline */
export type ThreadHolder = 'this-client' | 'another-process';

/** Properties of a {@link ThreadBusyError}. @inline */
export interface ThreadBusyErrorProps {
  /** The owner. Defaults to `this-client`. */
  readonly holder?: ThreadHolder;
  /** The requested action, such as `compact()`. Defaults to a turn that must not wait. */
  readonly action?: string;
  /** The reply of codex-rs, if there was a request. */
  readonly cause?: unknown;
}

/**
 * A thread is in use, and the requested action must not wait or would interrupt that use. Nothing was done.
 *
 * @example
 * ```ts
 * const first = thread.run('Fix it');
 * try {
 *   await thread.run('And now?', { whenBusy: 'reject' });
 * } catch (error) {
 *   if (!ThreadBusyError.is(error)) throw error;
 *   console.log(error.holder, error.retryable); // this-client true
 * }
 * ```
 */
export class ThreadBusyError extends CodexError {
  static override readonly errorName: string = 'ThreadBusyError';
  /** The thread, or null if it has no id yet. */
  readonly threadId: string | null;
  /** The owner. */
  readonly holder: ThreadHolder;

  constructor(
    threadId: string | null,
    { holder = 'this-client', action, cause }: ThreadBusyErrorProps = {},
  ) {
    super(busyMessage(threadId ?? '(new)', holder, action), {
      code: 'thread-busy',
      retryable: true,
      cause,
    });
    this.threadId = threadId;
    this.holder = holder;
  }
}

function busyMessage(threadId: string, holder: ThreadHolder, action: string | undefined): string {
  if (holder === 'another-process')
    return `${action ?? 'A turn'} needs thread ${threadId}, which is loaded in another process: release it there, or wait until that process exits.`;
  if (action === undefined)
    return `Thread ${threadId} is busy with another turn: wait for it, or run with whenBusy: "queue".`;
  return `${action} would stop the running turns of thread ${threadId}: wait for them, or interrupt them first.`;
}
