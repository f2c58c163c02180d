import { CodexError } from '../../errors.js';
import type { ContinuationToken } from '../../record/continuation-token.js';
import type { ThreadMetadata } from '../../record/thread-metadata.js';
import type {
  RecordedAttachment,
  RecordedItem,
  RecordedTurn,
} from '../../record/recorded-history.js';
import type {
  Compaction,
  ForkedConversation,
  ThreadActions,
  ThreadDurability,
} from '../../thread/thread-actions.js';

/** What a {@link StubLifecycle} belongs to. @internal */
export interface StubbedConversation {
  readonly threadId: string | null;
  readonly continuation: ContinuationToken | null;
  readonly metadata: ThreadMetadata | null;
  readonly actions: string[];
}

/** What can be done with a stub thread besides running turns: little, and nothing is pretended. @internal */
export class StubLifecycle implements ThreadActions {
  readonly #conversation: StubbedConversation;

  constructor(conversation: StubbedConversation) {
    this.#conversation = conversation;
  }

  get durability(): ThreadDurability {
    const { continuation, metadata, threadId } = this.#conversation;
    if (continuation !== null || metadata !== null) return 'persisted';
    return threadId === null ? 'none' : 'memory';
  }

  async read(): Promise<ThreadMetadata> {
    const { metadata } = this.#conversation;
    return metadata === null ? refuse('read') : Promise.resolve(metadata);
  }

  turns(): AsyncIterable<RecordedTurn> {
    return refusing('turns');
  }

  items(): AsyncIterable<RecordedItem> {
    return refusing('items');
  }

  attachments(): AsyncIterable<RecordedAttachment> {
    return refusing('attachments');
  }

  async setName(): Promise<void> {
    return this.#note('setName');
  }

  async setLabels(): Promise<void> {
    return this.#note('setLabels');
  }

  async archive(): Promise<void> {
    return this.#note('archive');
  }

  async delete(): Promise<void> {
    return this.#note('delete');
  }

  async release(): Promise<void> {
    return this.#note('release');
  }

  async compact(): Promise<Compaction> {
    return refuse('compact');
  }

  async fork(): Promise<ForkedConversation> {
    return refuse('fork');
  }

  async revert(): Promise<ContinuationToken> {
    return refuse('revert');
  }

  async #note(action: string): Promise<void> {
    this.#conversation.actions.push(action);
    return Promise.resolve();
  }
}

async function refuse(action: string): Promise<never> {
  return Promise.reject(notStubbed(action));
}

function refusing(action: string): AsyncIterable<never> {
  return { [Symbol.asyncIterator]: () => ({ next: async () => refuse(action) }) };
}

function notStubbed(action: string): CodexError {
  return new CodexError(
    `A stub thread cannot ${action}(): use a ScriptedModel or a ReplayTransport for that.`,
    { code: 'not-stubbed' },
  );
}
