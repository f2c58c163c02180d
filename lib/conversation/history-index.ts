import type { ContinuationToken } from '../record/continuation-token.js';
import { ThreadOptions } from '../options/thread-options.js';
import type { Conversation, ConversationProps } from './conversation.js';
import type { Requester } from '../loaded/requester.js';

/** Properties of a {@link HistoryIndex}. */
export interface HistoryIndexProps {
  readonly server: Requester;
  /** The live conversation of a thread, if any. */
  readonly existing: (threadId: string) => Conversation | undefined;
  /** Creates a conversation for one use. */
  readonly begin: (
    props: Pick<ConversationProps, 'threadId' | 'continuation' | 'options'>,
  ) => Conversation;
}

/** A thread whose index is to be updated. */
export interface IndexedThread {
  readonly threadId: string;
  /** The required end of the thread, or null. */
  readonly continuation: ContinuationToken | null;
  /** The options that the thread is resumed with. */
  readonly options: ThreadOptions;
}

/**
 * codex-rs lists the turns of a thread from an index stored next to its rollout, and updates the index only when it loads
 * the thread. Until then, a restored, copied or synchronised rollout has no listed turns, or outdated ones.
 */
export class HistoryIndex {
  readonly #props: HistoryIndexProps;
  readonly #updates = new Map<string, Promise<void>>();

  constructor(props: HistoryIndexProps) {
    this.#props = props;
  }

  /**
   * Loads the thread, which acquires its writer lock, and unloads it again.
   *
   * @throws `ResumeRejectedError` if it cannot be loaded or does not end with the expected turn
   */
  async update(thread: IndexedThread): Promise<void> {
    const { threadId } = thread;
    const before = this.#updates.get(threadId) ?? Promise.resolve();
    const update = before.catch(() => undefined).then(async () => this.#update(thread));
    this.#updates.set(threadId, update);
    try {
      await update;
    } finally {
      if (this.#updates.get(threadId) === update) this.#updates.delete(threadId);
    }
  }

  async #update(indexed: IndexedThread): Promise<void> {
    const { server, existing } = this.#props;
    const { threadId, options } = indexed;
    const { thread } = await server.request('thread/read', { threadId });
    if (thread.status.type !== 'notLoaded') return;
    // The inherited turns of a fork are listed once those of its source are; the fork is checked without them too.
    const source = thread.forkedFromId ?? null;
    if (source !== null)
      await this.update({ threadId: source, continuation: null, options }).catch(() => undefined);
    const owner = existing(threadId);
    await (owner === undefined
      ? this.#load(indexed)
      : owner.thread.queue.add(async () => {
          if (owner.thread.loaded === null) await this.#load(indexed);
        }));
  }

  async #load({ threadId, continuation, options: given }: IndexedThread): Promise<void> {
    // codex-rs writes any other parameter of a load into the thread, which may still be rejected.
    const { toolSurface, environments } = given;
    const isHere = environments?.length === 0;
    const options = ThreadOptions.from({ toolSurface, ...(isHere ? { environments } : {}) });
    const conversation = this.#props.begin({ threadId, continuation, options });
    try {
      await conversation.open();
    } catch (error) {
      // If that fails too, the first error is the relevant one for the caller.
      await conversation.release().catch(() => undefined);
      throw error;
    }
    await conversation.release();
  }
}
