import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import type { ThreadDurability } from '../thread/thread-backend.js';
import type { LiveThread } from './live-thread.js';
import { ThreadStateError, type ThreadState } from '../loaded/thread-state-error.js';

/** Requirements of an action: that the thread is stored on disk, that a turn was started, that its history can be cut. */
export type ThreadNeed = 'kept' | 'ran' | 'revertible';

/** Checks the preconditions of an action on a thread before a request is sent. */
export class ThreadGuard {
  readonly #thread: LiveThread;

  constructor(thread: LiveThread) {
    this.#thread = thread;
  }

  /** The storage of the thread. */
  get durability(): ThreadDurability {
    const { threadId, metadata, loaded, hasRun } = this.#thread;
    if (threadId === null) return 'none';
    if (metadata?.isEphemeral !== true && hasRun) return 'persisted';
    return loaded === null ? 'none' : 'memory';
  }

  /**
   * The thread's id, if no known state prevents the action.
   *
   * @throws {@link ThreadStateError}
   */
  idFor(action: string, ...needs: readonly ThreadNeed[]): string {
    const { threadId, metadata, hasRun } = this.#thread;
    if (threadId === null) throw this.refusal('thread-not-open', action);
    if (needs.includes('kept') && metadata?.isEphemeral === true)
      throw this.refusal('thread-ephemeral', action);
    if (needs.includes('ran') && !hasRun) throw this.refusal('thread-never-ran', action);
    if (needs.includes('revertible') && metadata?.historyMode === 'legacy')
      throw this.refusal('thread-legacy-history', action);
    return threadId;
  }

  /** @throws {@link ThreadBusyError} while a turn runs or waits */
  refuseBusy(action: string): void {
    const { isBusy, threadId } = this.#thread;
    if (isBusy) throw new ThreadBusyError(threadId, { action });
  }

  /** The error for the unmet requirement. */
  refusal(code: ThreadState, action: string): ThreadStateError {
    return new ThreadStateError({ code, threadId: this.#thread.threadId, action });
  }
}
