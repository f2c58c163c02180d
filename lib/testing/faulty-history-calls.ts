import type {
  ThreadAttachment,
  ThreadAttachmentAddParams,
  ThreadAttachmentAddResponse,
  ThreadAttachmentRemoveParams,
  ThreadListParams,
  ThreadListResponse,
  ThreadReadParams,
  ThreadReadResponse,
} from '../protocol/index.js';
import { timers } from '../timers.js';
import { FaultyIds } from './faulty-ids.js';
import type { FaultyLibrary } from './faulty-library.js';
import { FaultyRefusal } from './faulty-refusal.js';
import type { FaultyAnswer, FaultyCalls, FaultySession } from './faulty-session.js';
import type { FaultyThreadRecord } from './faulty-thread-record.js';

/** What is remembered of threads, and what clients write beside it. @internal */
export class FaultyHistoryCalls {
  readonly #session: FaultySession;
  readonly #library: FaultyLibrary;

  constructor(session: FaultySession, library: FaultyLibrary) {
    this.#session = session;
    this.#library = library;
  }

  /** The requests carried out here. */
  get calls(): FaultyCalls {
    return {
      'thread/read': (params) => this.#read(params),
      'thread/turns/list': (params) => {
        const record = this.#library.readable(params.threadId);
        this.#needsHistory(record);
        return { result: this.#library.page(record, params) };
      },
      'thread/list': (params) => ({ result: this.#list(params) }),
      'thread/name/set': ({ threadId, name }) => this.#rename(threadId, name.trim()),
      'thread/attachment/add': (params) => this.#attach(params),
      'thread/attachment/remove': (params) => this.#detach(params),
      'thread/attachment/list': ({ threadId }) => ({
        result: { data: this.#library.find(threadId)?.attachments ?? [], nextCursor: null },
      }),
      'thread/attachmentOwner/list': ({ attachmentType, identityKey }) => ({
        result: {
          data: this.#records()
            .filter((record) => attachmentOf(record, attachmentType, identityKey))
            .map(({ thread, isArchived }) => ({ threadId: thread.id, archived: isArchived })),
          nextCursor: null,
        },
      }),
    };
  }

  #read({ threadId, includeTurns = false }: ThreadReadParams): FaultyAnswer<ThreadReadResponse> {
    const record = this.#library.readable(threadId);
    const { readState } = record;
    if (!includeTurns) return { result: { thread: this.#library.view(record), readState } };
    if (record.thread.ephemeral)
      throw new FaultyRefusal('ephemeral threads do not support includeTurns');
    if (!record.isMaterialised) throw new FaultyRefusal('list_turns is not supported yet', -32601);
    const thread = this.#library.view(record, this.#library.turns(record));
    return {
      result: { thread, readState },
      perform: (acknowledge) => {
        const summary = 'Full-history hydration is deprecated for paginated threads.';
        this.#session.wire.notify('deprecationNotice', { summary, details: null });
        acknowledge();
      },
    };
  }

  #needsHistory({ thread, isMaterialised }: FaultyThreadRecord): void {
    if (thread.ephemeral)
      throw new FaultyRefusal('ephemeral threads do not support thread/turns/list');
    if (!isMaterialised)
      throw new FaultyRefusal(
        `thread ${thread.id} is not materialized yet; thread/turns/list is unavailable before first user message`,
      );
  }

  #list(params: ThreadListParams): ThreadListResponse {
    const key = params.sortKey === 'updated_at' ? 'updatedAt' : 'createdAt';
    const direction = params.sortDirection === 'asc' ? 1 : -1;
    const found = this.#records()
      .filter((record) => isListed(record, params))
      // Ids grow with time: they order what was made within one second.
      .sort(
        ({ thread: a }, { thread: b }) => direction * (a[key] - b[key] || (a.id < b.id ? -1 : 1)),
      );
    const from = Number(params.cursor ?? 0);
    const to = from + (params.limit ?? 25);
    const page = found.slice(from, to);
    return {
      data: page.map((record) => this.#library.view(record)),
      readStates: Object.fromEntries(
        page.flatMap(({ thread, readState }) => (readState ? [[thread.id, readState]] : [])),
      ),
      nextCursor: to < found.length ? String(to) : null,
      backwardsCursor: null,
    };
  }

  #rename(threadId: string, name: string): FaultyAnswer<Record<string, never>> {
    if (name === '') throw new FaultyRefusal('thread name must not be empty');
    const record = this.#library.find(threadId);
    if (!record) throw new FaultyRefusal(`no rollout found for thread id ${threadId}`);
    record.thread.name = name;
    this.#library.keep(record);
    return {
      result: {},
      perform: (acknowledge) => {
        acknowledge();
        this.#session.wire.notify('thread/name/updated', { threadId, threadName: name });
      },
    };
  }

  #attach(params: ThreadAttachmentAddParams): FaultyAnswer<ThreadAttachmentAddResponse> {
    const { threadId, attachmentType, identityKey, payload } = params;
    if (Buffer.byteLength(identityKey) > 256)
      throw new FaultyRefusal('identityKey must be at most 256 bytes', -32602);
    const record = this.#attachable(threadId);
    const existing = attachmentOf(record, attachmentType, identityKey);
    if (existing) return { result: { outcome: 'existing', attachment: existing } };
    const createdAt = Math.floor(timers.Date.now() / 1000);
    const attachment = { id: FaultyIds.next(), attachmentType, identityKey, payload, createdAt };
    record.attachments.push(attachment);
    this.#library.keep(record);
    return this.#thenTell({ outcome: 'created', attachment }, threadId, attachment, 'created');
  }

  #detach(params: ThreadAttachmentRemoveParams): FaultyAnswer<Record<string, never>> {
    const { threadId, attachmentType, identityKey } = params;
    const record = this.#attachable(threadId);
    const attachment = attachmentOf(record, attachmentType, identityKey);
    if (!attachment) return { result: {} };
    record.attachments = record.attachments.filter((other) => other !== attachment);
    this.#library.keep(record);
    return this.#thenTell({}, threadId, attachment, 'deleted');
  }

  #attachable(threadId: string): FaultyThreadRecord {
    const record = this.#library.find(threadId);
    if (!record?.isMaterialised || record.thread.ephemeral)
      throw new FaultyRefusal(`thread not found: ${threadId}`, -32602);
    return record;
  }

  #thenTell<R>(
    result: R,
    threadId: string,
    attachment: ThreadAttachment,
    operation: 'created' | 'deleted',
  ): FaultyAnswer<R> {
    const { attachmentType, identityKey, id: attachmentId } = attachment;
    return {
      result,
      perform: (acknowledge) => {
        acknowledge();
        this.#session.wire.notify('thread/attachment/updated', {
          threadId,
          attachmentType,
          identityKey,
          attachmentId,
          operation,
        });
      },
    };
  }

  #records(): FaultyThreadRecord[] {
    return this.#session.world
      .list()
      .map((record) => this.#library.find(record.thread.id) ?? record);
  }
}

function attachmentOf(
  record: FaultyThreadRecord,
  attachmentType: string,
  identityKey: string,
): ThreadAttachment | undefined {
  return record.attachments.find(
    (other) => other.attachmentType === attachmentType && other.identityKey === identityKey,
  );
}

function isListed(record: FaultyThreadRecord, params: ThreadListParams): boolean {
  const { thread, settings, isArchived } = record;
  const cwds = typeof params.cwd === 'string' ? [params.cwd] : params.cwd;
  const { searchTerm, modelProviders } = params;
  return (
    isArchived === (params.archived ?? false) &&
    thread.parentThreadId === (params.parentThreadId ?? null) &&
    (!cwds || cwds.includes(settings.cwd)) &&
    (!modelProviders?.length || modelProviders.includes(settings.modelProvider)) &&
    (!searchTerm || `${thread.name ?? ''}\n${thread.preview}`.includes(searchTerm))
  );
}
