import type { ThreadBuilder } from '../thread/thread-builder.js';
import type { Thread } from '../thread/thread.js';
import type { StoredThread, ThreadStore } from './thread-store.js';

/** A thread whose last turn was run and recorded here. */
export interface KeptThread {
  readonly thread: Thread;
  /** The store that contains it, and its version there after that turn. */
  readonly store: ThreadStore;
  readonly version: string;
  /** The description it was loaded with; undefined for the default one. */
  readonly builder: ThreadBuilder | undefined;
}

/** The maximum number of threads that a client keeps. */
const mostKept = 256;

/** The threads of one client that can be continued without loading and comparing them again, by their key. */
export class KeptThreads {
  readonly #threads = new Map<string, KeptThread>();

  /** Keeps a thread until it is taken, or until too many other threads were kept after it. */
  keep(key: string, kept: KeptThread): void {
    this.#threads.set(key, kept);
    const [oldest] = this.#threads.keys();
    if (this.#threads.size > mostKept && oldest !== undefined) this.#threads.delete(oldest);
  }

  /**
   * Removes and returns a thread if its stored version is unchanged and it has the same builder; otherwise returns
   * null. A failure of its next turn leaves it in an unknown state, so it is then loaded and compared again.
   */
  take(
    key: string,
    stored: StoredThread,
    { store, builder }: Pick<KeptThread, 'store' | 'builder'>,
  ): Thread | null {
    const kept = this.#threads.get(key);
    this.#threads.delete(key);
    if (kept?.store !== store || kept.builder !== builder) return null;
    const { threadId, continuation } = stored.record;
    if (kept.version !== stored.version || kept.thread.threadId !== threadId) return null;
    return String(kept.thread.continuation) === continuation ? kept.thread : null;
  }
}
