import type { AppServerSession } from '../wire/app-server-session.js';
import { paged } from '../wire/paged.js';
import { pause } from '../pause.js';
import { ThreadBusyError, ValidationError } from '../errors.js';
import type { ServerNotification } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { Labels } from '../record/labels.js';
import { canonicalId, turnIdProblem } from '../ids.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import { messageOf } from '../shapes.js';
import { telemetry } from '../telemetry/telemetry.js';
import { shown } from '../validation.js';
import type * as actions from '../thread/thread-actions.js';
import type * as history from '../record/recorded-history.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { CompactionRun } from './compaction-run.js';
import type { LiveThread } from './live-thread.js';
import type { KnownSettings, LoadedThread } from '../loaded/loaded-thread.js';
import { StoredLabels, type Requester } from '../loaded/stored-labels.js';
import { ThreadCalls } from '../loaded/thread-calls.js';
import { ThreadFork } from './thread-fork.js';
import { ThreadGuard } from './thread-guard.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import type { ThreadRelease } from './thread-release.js';

/** What a {@link ThreadLifecycle} is made of. */
export interface ThreadLifecycleProps {
  readonly thread: LiveThread;
  readonly server: Requester;
  /** Whether the thread is one that this client starts, so that it may be without any turn. */
  readonly isNew: boolean;
  readonly release: ThreadRelease;
  /** Makes the conversation of a thread that begins as a fork. */
  readonly begin: (
    fork: ThreadFork,
    options: ThreadOptions,
  ) => LiveThread & actions.ForkedConversation['conversation'];
  /** Rejects when no turn can run, for want of an account. */
  readonly beforeTurn: (session: AppServerSession) => Promise<void>;
}

/** What can be done with one thread besides running turns; what would cut a turn short is refused while one runs. */
export class ThreadLifecycle implements actions.ThreadActions {
  readonly #props: ThreadLifecycleProps;
  readonly #guard: ThreadGuard;
  #reported: { readonly by: LoadedThread | null; readonly settings: KnownSettings } | null = null;
  #labelling: Promise<unknown> = Promise.resolve();
  #expected = 0;

  constructor(props: ThreadLifecycleProps) {
    this.#props = props;
    this.#guard = new ThreadGuard(props.thread, props.isNew);
  }

  get durability(): actions.ThreadDurability {
    return this.#guard.durability;
  }

  /** Whether the thread has its labels only as a value so far: they are stored once a turn has started. */
  get isUnlabelled(): boolean {
    return !this.#guard.hasRun;
  }

  async read({ includeTurns = false }: history.ReadOptions): Promise<ThreadMetadata> {
    const history = this.#history(
      this.#guard.idFor('read()', ...(includeTurns ? ['kept' as const] : [])),
    );
    const metadata = await history.read();
    this.#props.thread.update(metadata);
    return includeTurns ? history.withTurns(metadata) : metadata;
  }

  async *turns(options: history.HistoryOptions): AsyncGenerator<history.RecordedTurn, void> {
    yield* this.#history(this.#guard.idFor('turns()', 'kept')).turns(options);
  }

  async *items(
    options: Pick<history.HistoryOptions, 'order'>,
  ): AsyncGenerator<history.RecordedItem, void> {
    yield* this.#history(this.#guard.idFor('items()', 'kept')).items(options);
  }

  async *attachments(): AsyncGenerator<history.RecordedAttachment, void> {
    const threadId = this.#guard.idFor('attachments()', 'kept');
    yield* paged(async (cursor) =>
      this.#calls.send('attachments()', 'thread/attachment/list', { threadId, cursor }),
    );
  }

  async setName(name: string): Promise<void> {
    if (typeof name !== 'string' || name.trim() === '')
      throw new ValidationError('thread name', [
        { path: '', reason: 'must be a text that is not blank' },
      ]);
    const threadId = this.#guard.idFor('setName()', 'kept');
    await this.#props.release.settled();
    await this.#calls.send('setName()', 'thread/name/set', { threadId, name });
    this.#rename(name);
  }

  async setLabels(labels: Labels, options: ThreadOptions): Promise<void> {
    const { thread, release } = this.#props;
    if (thread.metadata?.isEphemeral ?? options.ephemeral ?? false)
      throw this.#guard.refusal('thread-ephemeral', 'setLabels()');
    const { threadId } = thread;
    if (threadId === null || this.isUnlabelled) return;
    // A running turn may be the first one, which stores the labels it was started with.
    const before = thread.isBusy ? thread.queued(async () => Promise.resolve()) : this.#labelling;
    const stored = new StoredLabels(this.#calls.onBehalfOf('setLabels()'), threadId);
    const write = before
      .catch(() => undefined)
      .then(async () => release.settled())
      .then(async () => stored.write(labels));
    this.#labelling = write.catch(() => undefined);
    await write;
  }

  async compact({ signal }: actions.CompactOptions): Promise<actions.Compaction> {
    const { thread, beforeTurn } = this.#props;
    this.#guard.idFor('compact()', 'ran');
    this.#guard.refuseBusy('compact()');
    signal?.throwIfAborted();
    return thread.exclusively(async (loaded) => {
      await beforeTurn(loaded.session);
      const run = new CompactionRun({
        thread: loaded,
        signal,
        begin: (turnId) => {
          thread.moveTo(turnId);
        },
      });
      const { id: turnId, durationMs } = await this.expectingTurn(async () => run.perform());
      return Object.freeze({ turnId, continuation: tokenOf(thread), durationMs });
    });
  }

  async fork(
    point: actions.ForkPoint,
    options: ThreadOptions,
  ): Promise<actions.ForkedConversation> {
    const { thread, server, begin } = this.#props;
    const threadId = this.#guard.idFor('fork()', 'kept', 'ran');
    const { turnId } = thread.continuation ?? {};
    const isOpen = point.at === undefined && point.before === undefined;
    // Elsewhere the thread may have moved on: what is forked is what this client knows.
    const at = isOpen && thread.loaded === null && typeof turnId === 'string' ? { at: turnId } : {};
    const source = await this.#history(threadId).read();
    const known = this.knownSettings;
    const fork = new ThreadFork({ source, known, point: { ...point, ...at } });
    const conversation = begin(fork, options);
    const forkId = await conversation.open();
    const inherited = new StoredLabels(server, options.ephemeral === true ? threadId : forkId);
    if (options.ephemeral !== true)
      conversation.moveTo(await new ThreadHistory(server, forkId).lastTurnId());
    const labels = (await inherited.read()).merge(options.labels);
    if (options.ephemeral !== true && options.labels.size > 0)
      await inherited.write(labels).catch(problemOf(forkId, 'labels'));
    return { conversation, labels };
  }

  async revert({ before: given }: actions.RevertOptions): Promise<ContinuationToken> {
    const { thread } = this.#props;
    const reason = turnIdProblem(given);
    if (reason !== null)
      throw new ValidationError('revert options', [
        { path: 'before', reason: `${reason}, got ${shown(given)}` },
      ]);
    const before = canonicalId(given);
    const threadId = this.#guard.idFor('revert()', 'kept', 'ran', 'revertible');
    this.#guard.refuseBusy('revert()');
    return thread.exclusively(async ({ session }) => {
      this.#guard.idFor('revert()', 'revertible');
      const kept = await this.#turnBefore(new ThreadHistory(session, threadId), before);
      const calls = new ThreadCalls(session, threadId);
      const params = { threadId, beforeTurnId: before };
      const { thread: json } = await calls.send('revert()', 'thread/revert', params);
      thread.moveTo(kept);
      thread.update(ThreadMetadata.fromJson(json));
      return tokenOf(thread);
    });
  }

  async archive(): Promise<void> {
    const threadId = this.#guard.idFor('archive()', 'kept', 'ran');
    await this.#putAway('archive()', 'thread/archive', threadId);
  }

  async delete(): Promise<void> {
    const threadId = this.#guard.idFor('delete()', 'kept', 'ran');
    await this.#putAway('delete()', 'thread/delete', threadId);
  }

  async release(): Promise<void> {
    const { thread, release } = this.#props;
    this.#guard.refuseBusy('release()');
    await thread.queued(async () => release.unload());
  }

  /** Does work that waits by itself for the turns it starts. */
  async expectingTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#expected += 1;
    try {
      return await work();
    } finally {
      this.#expected -= 1;
    }
  }

  /** The queue is empty. */
  rest(): void {
    if (this.durability === 'persisted') this.#props.release.schedule();
  }

  /** Takes in what codex-rs says of the loaded thread, after the running turn has. */
  accept({ method, params }: ServerNotification): void {
    const { thread } = this.#props;
    if (method === 'thread/settings/updated')
      this.#reported = { by: thread.loaded, settings: params.threadSettings };
    if (method === 'thread/name/updated') this.#rename(params.threadName ?? null);
    if (method === 'thread/archived' || method === 'thread/deleted') thread.unload();
    if (method === 'turn/completed' && this.#expected === 0)
      if (thread.continuation?.turnId !== params.turn.id) this.#followForeignTurn();
  }

  /** The token follows a turn that codex-rs has run by itself, such as for a goal, unless one of ours comes first. */
  #followForeignTurn(): void {
    const { thread } = this.#props;
    void thread
      .queued(async () => this.followTail())
      .catch(problemOf(thread.threadId ?? '', 'foreign turn'));
  }

  /** The token follows what was done to the thread behind the back of this class. */
  async followTail(): Promise<void> {
    const { thread } = this.#props;
    const { loaded } = thread;
    if (loaded === null || thread.metadata?.isEphemeral === true) return;
    const turnId = await new ThreadHistory(loaded.session, loaded.threadId).lastTurnId();
    if (thread.continuation?.turnId !== turnId) thread.moveTo(turnId);
  }

  /** What was said of the settings since the thread was loaded. */
  get knownSettings(): KnownSettings {
    const { loaded } = this.#props.thread;
    if (loaded === null) return {};
    if (this.#reported?.by === loaded) return this.#reported.settings;
    return { serviceTier: loaded.reported.serviceTier };
  }

  get #calls(): ThreadCalls {
    const { server, thread } = this.#props;
    return new ThreadCalls(server, thread.threadId ?? '');
  }

  #history(threadId: string): ThreadHistory {
    return new ThreadHistory(this.#props.server, threadId);
  }

  /** The turn the thread ends with when this one and all after it are gone. */
  async #turnBefore(history: ThreadHistory, before: string): Promise<string | null> {
    let isFound = false;
    for await (const { id } of history.turns({ order: 'newestFirst', itemsView: 'notLoaded' })) {
      if (isFound) return id;
      isFound = id === before;
    }
    if (!isFound) throw this.#guard.refusal('turn-unknown', 'revert()');
    return null;
  }

  async #putAway(
    action: string,
    method: 'thread/archive' | 'thread/delete',
    threadId: string,
  ): Promise<void> {
    const { thread } = this.#props;
    this.#guard.refuseBusy(action);
    await thread.queued(async () => {
      try {
        await this.#sendForItself(action, method, threadId);
      } finally {
        // Also when it is refused for the sake of forks, codex-rs has unloaded the thread.
        thread.unload();
      }
    });
  }

  /** What codex-rs has loaded itself it closes first, and may find its own lock still taken: nothing was done then. */
  async #sendForItself(
    action: string,
    method: 'thread/archive' | 'thread/delete',
    threadId: string,
  ): Promise<void> {
    const isOwn = this.#props.thread.loaded !== null;
    for (let triesLeft = isOwn ? 5 : 0; ; triesLeft -= 1)
      try {
        await this.#calls.send(action, method, { threadId });
        return;
      } catch (error) {
        if (triesLeft === 0 || !ThreadBusyError.is(error)) throw error;
        await pause(50);
      }
  }

  #rename(name: string | null): void {
    const { thread } = this.#props;
    if (thread.metadata !== null)
      thread.update(ThreadMetadata.fromJson({ ...thread.metadata.toJSON(), name }));
  }
}

function tokenOf({ continuation }: LiveThread): ContinuationToken {
  if (continuation === null) throw new TypeError('The thread has no id.');
  return continuation;
}

function problemOf(threadId: string, during: string): (error: unknown) => void {
  return (error) => {
    telemetry.problem.publish(() => ({
      threadId,
      during,
      message: messageOf(error),
    }));
  };
}
