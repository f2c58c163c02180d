import { canonicalId } from '../ids.js';

/** The conversations of one `Codex` by thread id, weakly held: all lookups of a thread return its live conversation. */
export class ConversationRegistry<Conversation extends object> {
  readonly #references = new Map<string, WeakRef<Conversation>>();
  readonly #forget = new FinalizationRegistry((threadId: string) => {
    if (this.#references.get(threadId)?.deref() === undefined) this.#references.delete(threadId);
  });

  /** The live conversation of a thread, if any. */
  find(threadId: string): Conversation | undefined {
    return this.#references.get(canonicalId(threadId))?.deref();
  }

  /** All live conversations. */
  get all(): readonly Conversation[] {
    return [...this.#references.values()].flatMap((reference) => reference.deref() ?? []);
  }

  /** Registers a conversation under its thread's id. */
  add(threadId: string, conversation: Conversation): void {
    const key = canonicalId(threadId);
    this.#references.set(key, new WeakRef(conversation));
    this.#forget.register(conversation, key);
  }
}
