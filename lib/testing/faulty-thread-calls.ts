import type {
  ThreadForkParams,
  ThreadForkResponse,
  ThreadResumeParams,
  ThreadResumeResponse,
  ThreadStartParams,
  ThreadStartResponse,
} from '../protocol/index.js';
import type { FaultyLibrary } from './faulty-library.js';
import { FaultyRefusal } from './faulty-refusal.js';
import type { FaultyAnswer, FaultyCalls, FaultySession } from './faulty-session.js';
import { FaultySettings } from './faulty-settings.js';
import { FaultyThread } from './faulty-thread.js';
import type { FaultyThreadRecord } from './faulty-thread-record.js';

/** Threads come, are loaded, and go. @internal */
export class FaultyThreadCalls {
  readonly #session: FaultySession;
  readonly #library: FaultyLibrary;

  constructor(session: FaultySession, library: FaultyLibrary) {
    this.#session = session;
    this.#library = library;
  }

  /** The requests carried out here. */
  get calls(): FaultyCalls {
    return {
      'thread/start': (params) => this.#start(params),
      'thread/resume': (params) => this.#resume(params),
      'thread/fork': (params) => this.#fork(params),
      'thread/unsubscribe': ({ threadId }) => this.#unsubscribe(threadId),
      'thread/archive': ({ threadId }) => this.#archive(threadId),
      'thread/unarchive': ({ threadId }) => {
        const record = this.#owned(threadId);
        if (!record.isArchived)
          throw new FaultyRefusal(`no archived rollout found for thread id ${threadId}`);
        record.isArchived = false;
        this.#library.keep(record);
        const answer = { thread: this.#library.view(record) };
        return this.#thenTell(answer, 'thread/unarchived', threadId);
      },
      'thread/delete': ({ threadId }) => {
        const record = this.#owned(threadId);
        this.#session.threads.get(threadId)?.unload();
        this.#session.world.remove(record.thread.id);
        return this.#thenTell({}, 'thread/deleted', threadId);
      },
      'thread/loaded/list': () => ({
        result: { data: [...this.#session.threads.keys()], nextCursor: null },
      }),
    };
  }

  #start(params: ThreadStartParams): FaultyAnswer<ThreadStartResponse> {
    const thread = FaultyThread.created(this.#session, params);
    this.#session.threads.set(thread.id, thread);
    this.#session.world.lock(thread.id, this.#session.generation);
    return {
      result: thread.response(),
      perform: (acknowledge) => {
        acknowledge();
        this.#session.wire.notify('thread/started', { thread: thread.view() });
      },
    };
  }

  #resume(params: ThreadResumeParams): FaultyAnswer<ThreadResumeResponse> {
    const joined = this.#session.threads.get(params.threadId);
    if (joined) {
      joined.isSubscribed = true;
      return this.#afterResume(joined, params, () => undefined);
    }
    const record = this.#library.rollout(params.threadId, 'session');
    const { id } = record.thread;
    if (record.isArchived)
      throw new FaultyRefusal(
        `session ${id} is archived. Run \`codex unarchive ${id}\` to unarchive it first.`,
      );
    this.#library.own(id);
    const thread = new FaultyThread(this.#session, record);
    cutOff(record);
    record.settings = FaultySettings.changed(record.settings, params);
    this.#session.threads.set(id, thread);
    thread.save();
    return this.#afterResume(thread, params, () => {
      thread.setStatus({ type: 'idle' });
    });
  }

  #afterResume(
    thread: FaultyThread,
    params: ThreadResumeParams,
    announce: () => void,
  ): FaultyAnswer<ThreadResumeResponse> {
    return {
      result: this.#resumed(thread, params),
      perform: (acknowledge) => {
        this.#warnOfHistory(params.excludeTurns);
        announce();
        acknowledge();
        thread.tellUsage();
        this.#session.wire.notify('thread/goal/cleared', { threadId: thread.id });
      },
    };
  }

  #resumed(thread: FaultyThread, params: ThreadResumeParams): ThreadResumeResponse {
    const { record } = thread;
    const { initialTurnsPage: order } = params;
    const { backwardsCursor } = this.#library.page(record, { limit: 1 });
    return {
      ...thread.response(params.excludeTurns ? [] : this.#library.turns(record)),
      collaborationMode: record.settings.collaborationMode,
      initialTurnsPage: order ? this.#library.page(record, order) : null,
      turnsBackwardsCursor: backwardsCursor,
      itemsBackwardsCursor: backwardsCursor,
    };
  }

  #fork(params: ThreadForkParams): FaultyAnswer<ThreadForkResponse> {
    const source = this.#library.rollout(params.threadId);
    const thread = FaultyThread.created(this.#session, {
      ...params,
      cwd: params.cwd ?? source.settings.cwd,
    });
    const { record } = thread;
    // The configured model, not the source's; the sandbox is the source's.
    const { sandboxPolicy, activePermissionProfile, approvalPolicy } = source.settings;
    record.settings = FaultySettings.changed(
      { ...record.settings, sandboxPolicy, activePermissionProfile, approvalPolicy },
      params,
    );
    record.turns = structuredClone(turnsUpTo(source, params));
    cutOff(record);
    record.attachments = structuredClone(source.attachments);
    record.ordinal = source.ordinal;
    record.usage = { ...source.usage };
    record.lastUsage = source.lastUsage;
    record.isMaterialised = true;
    Object.assign(record.thread, {
      forkedFromId: source.thread.id,
      preview: source.thread.preview,
      name: source.thread.name,
    });
    this.#session.threads.set(thread.id, thread);
    this.#session.world.lock(thread.id, this.#session.generation);
    thread.save();
    return {
      result: thread.response(params.excludeTurns ? [] : this.#library.turns(record)),
      perform: (acknowledge) => {
        this.#warnOfHistory(params.excludeTurns);
        acknowledge();
        thread.tellUsage();
        this.#session.wire.notify('thread/started', { thread: thread.view() });
      },
    };
  }

  #unsubscribe(threadId: string): ReturnType<NonNullable<FaultyCalls['thread/unsubscribe']>> {
    const thread = this.#session.threads.get(threadId);
    if (!thread) return { result: { status: 'notLoaded' } };
    thread.isSubscribed = false;
    return {
      result: { status: 'unsubscribed' },
      perform: (acknowledge) => {
        acknowledge();
        // A running turn is finished first; the unload delay is 0, as the library configures it.
        if (!thread.activeTurn) thread.close();
      },
    };
  }

  #archive(threadId: string): ReturnType<NonNullable<FaultyCalls['thread/archive']>> {
    const record = this.#owned(threadId);
    if (record.isArchived) throw new FaultyRefusal(`no rollout found for thread id ${threadId}`);
    record.isArchived = true;
    this.#library.keep(record);
    const thread = this.#session.threads.get(threadId);
    thread?.activeTurn?.interrupt();
    thread?.unload();
    return {
      result: {},
      perform: (acknowledge) => {
        thread?.setStatus({ type: 'notLoaded' });
        acknowledge();
        this.#session.wire.notify('thread/archived', { threadId });
      },
    };
  }

  /** A thread with a rollout that no other process writes; a lock taken only to look is given back. */
  #owned(threadId: string): FaultyThreadRecord {
    const record = this.#library.rollout(threadId);
    this.#library.own(threadId);
    if (!this.#session.threads.has(threadId))
      this.#session.world.unlock(threadId, this.#session.generation);
    return record;
  }

  #warnOfHistory(excludeTurns = false): void {
    if (excludeTurns) return;
    const summary = 'Full-history hydration is deprecated for paginated threads.';
    this.#session.wire.notify('deprecationNotice', { summary, details: null });
  }

  #thenTell<R>(
    result: R,
    method: 'thread/unarchived' | 'thread/deleted',
    threadId: string,
  ): FaultyAnswer<R> {
    return {
      result,
      perform: (acknowledge) => {
        acknowledge();
        this.#session.wire.notify(method, { threadId });
      },
    };
  }
}

/** A turn that nobody plays any more has no end record. */
function cutOff(record: FaultyThreadRecord): void {
  for (const { turn } of record.turns)
    if (turn.status === 'inProgress') turn.status = 'interrupted';
}

function turnsUpTo(
  source: FaultyThreadRecord,
  params: ThreadForkParams,
): FaultyThreadRecord['turns'] {
  const { lastTurnId, beforeTurnId } = params;
  const edge = lastTurnId ?? beforeTurnId;
  if (!edge) return source.turns;
  const index = source.turns.findIndex(({ turn }) => turn.id === edge);
  if (index < 0) throw new FaultyRefusal(`turn not found: ${edge}`);
  return source.turns.slice(0, lastTurnId ? index + 1 : index);
}
