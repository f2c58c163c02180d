import { pause } from '../pause.js';
import { ValidationError } from '../errors.js';
import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { Labels } from '../record/labels.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { ReviewTarget } from '../protocol/index.js';
import type * as backend from '../thread/thread-backend.js';
import type * as history from '../record/recorded-history.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { Goal, type GoalOptions } from '../turn/goal.js';
import type { ContextWindow } from '../turn/context-window.js';
import { Turn } from '../turn/turn.js';
import { wireInput, type TurnInput } from '../turn/turn-input.js';
import type { TurnOptions } from '../turn/turn-options.js';
import { TurnRun } from '../turn/turn-run.js';
import { checkedRevert, checkedTurnId, restorationBefore, turnChanges } from './thread-changes.js';
import { ThreadStateError } from '../loaded/thread-state-error.js';
import { CompactionRun } from './compaction-run.js';
import { GoalRun } from './goal-run.js';
import { LiveThread, type LiveThreadProps } from './live-thread.js';
import { ThreadAttachments } from '../loaded/thread-attachments.js';
import { ThreadCalls } from '../loaded/thread-calls.js';
import { forkThread } from './fork-thread.js';
import type { ThreadFork } from './thread-fork.js';
import { ThreadGuard } from './thread-guard.js';
import { ThreadRecords } from '../loaded/thread-records.js';
import { ThreadKeys } from './thread-keys.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import { turnTitle } from '../turn/turn-title.js';
import { TurnInputs } from '../loaded/turn-inputs.js';
import { ThreadRelease } from './thread-release.js';
import { TurnSender, type TurnSenderProps } from './turn-sender.js';

/** Properties of a {@link Conversation}. */
export interface ConversationProps
  extends Omit<LiveThreadProps, 'onRest'>, Omit<TurnSenderProps, 'thread' | 'claim'> {
  /** Creates the conversation of a thread that begins as a fork. */
  readonly begin: (fork: ThreadFork, options: ThreadOptions) => Conversation;
  /** Makes codex-rs list all turns of a thread, including those of other machines. */
  readonly updateTurns: (threadId: string) => Promise<void>;
  /** The conversation of an existing thread. */
  readonly existing: (threadId: string, options: ThreadOptions) => Conversation;
  /** Creates the conversation of a new thread. */
  readonly another: (options: ThreadOptions) => Conversation;
}

/**
 * The live side of a `Thread`: runs its turns and its other actions. Rejects actions that would cut off a running turn.
 * There is one per thread id and `Codex`.
 */
export class Conversation implements backend.ThreadBackend {
  thread: LiveThread;
  readonly #props: ConversationProps;
  #turns: TurnSender;
  #guard: ThreadGuard;
  #release: ThreadRelease;
  #labelling: Promise<unknown> = Promise.resolve();

  constructor(props: ConversationProps) {
    const { appServer, client } = props;
    this.#props = props;
    const thread = (this.thread = new LiveThread({
      ...props,
      // This keeps the conversation alive while a turn runs: its thread must not get a second one.
      onRest: () => {
        if (this.durability === 'persisted') this.#release.schedule();
      },
    }));
    const claim = async (run: TurnRun): Promise<TurnSender | null> => this.#claim(run);
    this.#turns = new TurnSender({ ...props, thread, claim });
    this.#guard = new ThreadGuard(thread);
    this.#release = new ThreadRelease({
      thread,
      session: () => appServer.session,
      keepLoadedMs: client.keepLoadedMs,
    });
  }

  get threadId(): string | null {
    return this.thread.threadId;
  }

  get metadata(): ThreadMetadata | null {
    return this.thread.metadata;
  }

  get continuation(): ContinuationToken | null {
    return this.thread.continuation;
  }

  get durability(): backend.ThreadDurability {
    return this.#guard.durability;
  }

  get contextWindow(): ContextWindow | null {
    return this.thread.contextWindow;
  }

  async open(): Promise<string> {
    return this.thread.open();
  }

  turn(input: TurnInput, options: ThreadOptions, turnOptions: TurnOptions): Turn {
    return new Turn(new TurnRun(wireInput(input), turnOptions, options), this.#turns);
  }

  review(target: ReviewTarget, options: ThreadOptions, turnOptions: TurnOptions): Turn {
    return new Turn(new TurnRun([], turnOptions, options, target), this.#turns);
  }

  another(options: ThreadOptions): Conversation {
    return this.#props.another(options);
  }

  pursue(objective: string, threadOptions: ThreadOptions, options: GoalOptions): Goal {
    const [{ thread }, { beforeTurn }, turns] = [this, this.#props, this.#turns];
    return new Goal(
      objective,
      new GoalRun({ objective, options, threadOptions, thread, turns, beforeTurn }),
    );
  }

  async attach(options: ThreadOptions, turnOptions: TurnOptions): Promise<Turn | null> {
    return this.#turns.attach(options, turnOptions);
  }

  async read({ includeTurns = false }: history.ReadOptions): Promise<ThreadMetadata> {
    const history = this.#history(
      this.#guard.idFor('read()', ...(includeTurns ? ['kept' as const] : [])),
    );
    const metadata = await history.read();
    this.thread.metadata = metadata;
    return includeTurns ? history.withTurns(metadata) : metadata;
  }

  async *turns(options: history.HistoryOptions): AsyncGenerator<history.RecordedTurn, void> {
    yield* this.#history(this.#guard.idFor('turns()', 'kept')).turns(options);
  }

  async findTurn(key: string): Promise<history.RecordedTurn | null> {
    const { appServer, existing, updateTurns } = this.#props;
    const { thread } = this;
    if (this.threadId === null) {
      const threadId = await new ThreadKeys(await appServer.connect()).find(key);
      if (threadId === null) return null;
      return existing(threadId, thread.description.options).findTurn(key);
    }
    const threadId = this.#guard.idFor('findTurn()', 'kept');
    const turns = new TurnInputs(this.#calls.onBehalfOf('findTurn()'), threadId);
    const found = await turns.find(key);
    if (found !== null || thread.loaded !== null) return found;
    // Turns of another machine are listed here once the thread is loaded.
    await updateTurns(threadId);
    return turns.find(key);
  }

  async *items(
    options: Pick<history.HistoryOptions, 'order'>,
  ): AsyncGenerator<history.RecordedItem, void> {
    yield* this.#history(this.#guard.idFor('items()', 'kept')).items(options);
  }

  async *attachments(): AsyncGenerator<history.RecordedAttachment, void> {
    yield* this.#history(this.#guard.idFor('attachments()', 'kept')).attachments();
  }

  async setName(name: string): Promise<void> {
    if (typeof name !== 'string' || name.trim() === '')
      throw new ValidationError('thread name', [
        { path: '', reason: 'must be a non-blank string' },
      ]);
    const threadId = this.#guard.idFor('setName()', 'kept');
    await this.#release.settled();
    await this.#calls.send('setName()', 'thread/name/set', { threadId, name });
    this.thread.rename(name);
  }

  async setLabels(labels: Labels, options: ThreadOptions): Promise<void> {
    const { thread } = this;
    if (thread.metadata?.isEphemeral ?? options.ephemeral ?? false)
      throw this.#guard.refusal('thread-ephemeral', 'setLabels()');
    const { threadId } = thread;
    // They are stored once a turn has started.
    if (threadId === null || !thread.hasRun) return;
    // A running turn may be the first one, which stores the labels it was started with.
    const before = thread.isBusy
      ? thread.queue.add(async () => Promise.resolve())
      : this.#labelling;
    // Another process may have changed them since the thread was loaded.
    const attachments = new ThreadAttachments(this.#calls.onBehalfOf('setLabels()'), threadId);
    const write = before
      .catch(() => undefined)
      .then(async () => this.#release.settled())
      .then(async () => attachments.writeLabels(labels));
    this.#labelling = write.catch(() => undefined);
    await write;
  }

  async compact({ signal }: backend.CompactOptions): Promise<backend.Compaction> {
    const { thread } = this;
    this.#guard.idFor('compact()', 'ran');
    this.#guard.refuseBusy('compact()');
    signal?.throwIfAborted();
    return thread.exclusively(async (loaded) => {
      await this.#props.beforeTurn(loaded.session);
      const run = new CompactionRun({
        thread: loaded,
        signal,
        begin: (turnId) => {
          thread.moveTo(turnId);
        },
      });
      const { id: turnId, durationMs } = await thread.expectingTurn(async () => run.perform());
      return Object.freeze({ turnId, continuation: tokenOf(thread), durationMs });
    });
  }

  async fork(point: backend.ForkPoint, options: ThreadOptions): Promise<backend.ForkedThread> {
    const { appServer, begin } = this.#props;
    const threadId = this.#guard.idFor('fork()', 'kept', 'ran');
    return forkThread({ thread: this.thread, threadId, appServer, begin }, point, options);
  }

  async changes(given: string): Promise<backend.TurnChanges> {
    const turnId = checkedTurnId('turn', 'turnId', given);
    const threadId = this.#guard.idFor('changes()');
    const turn = this.thread.diffs.of(turnId);
    if (turn !== null) return Promise.resolve(turnChanges(turnId, turn));
    throw new ThreadStateError({ code: 'turn-changes-unknown', threadId, action: 'changes()' });
  }

  async revert(options: backend.RevertOptions): Promise<ContinuationToken> {
    const { thread } = this;
    const { before, files } = checkedRevert(options);
    this.#guard.idFor('revert()', 'kept', 'ran', 'revertible');
    this.#guard.refuseBusy('revert()');
    return thread.exclusively(async (loaded) => {
      this.#guard.idFor('revert()', 'revertible');
      const restoration =
        files === 'restore' ? await restorationBefore(thread, loaded, before) : null;
      await restoration?.write();
      await thread.cutBefore(loaded, before);
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
    await new ThreadRecords(this.#props.appServer, threadId).remove();
  }

  async release(): Promise<void> {
    this.#guard.refuseBusy('release()');
    await this.thread.queue.add(async () => this.#release.unload());
  }

  /** Assigns the key of a first turn to this thread, or switches this conversation to the thread that already has the key. */
  async #claim(run: TurnRun): Promise<TurnSender | null> {
    const { thread } = this;
    if (run.threadOptions.ephemeral === true)
      throw this.#guard.refusal('thread-ephemeral', 'A turn with an idempotencyKey');
    const keys = new ThreadKeys(await this.#props.appServer.connect());
    const { clientMessageId: key } = run;
    const found = await keys.find(key);
    const owner =
      found === null
        ? await keys.claim(key, await thread.materialize(turnTitle(run)))
        : found === thread.threadId || (await this.#exists(found, keys))
          ? found
          : await keys.replace(key, found, await thread.materialize(turnTitle(run)));
    if (owner === thread.threadId) return null;
    await thread.discard();
    this.#become(this.#props.existing(owner, thread.description.options));
    return this.#turns;
  }

  /**
   * In a home that several machines share, codex-rs keeps listing a thread that another machine deleted: the existence of
   * its file decides.
   */
  async #exists(threadId: string, keys: ThreadKeys): Promise<boolean> {
    try {
      const { path } = await this.#history(threadId).read();
      return path === null || (await keys.hasRollout(path));
    } catch (error) {
      if (ThreadStateError.is(error) && error.code === 'thread-unknown') return false;
      throw error;
    }
  }

  #become(other: Conversation): void {
    this.thread = other.thread;
    this.#turns = other.#turns;
    this.#guard = other.#guard;
    this.#release = other.#release;
  }

  get #calls(): ThreadCalls {
    return new ThreadCalls(this.#props.appServer, this.threadId ?? '');
  }

  #history(threadId: string): ThreadHistory {
    return new ThreadHistory(this.#props.appServer, threadId);
  }

  async #putAway(
    action: string,
    method: 'thread/archive' | 'thread/delete',
    threadId: string,
  ): Promise<void> {
    const { thread } = this;
    this.#guard.refuseBusy(action);
    await thread.queue.add(async () => {
      await thread.loaded?.overrides.putBack();
      try {
        await this.#sendForItself(action, method, threadId);
      } finally {
        // Even if the deletion is refused because of forks, codex-rs has unloaded the thread.
        thread.unload();
      }
    });
  }

  /** codex-rs first closes a thread that it has loaded, and may find its own lock still held: in that case nothing was done. */
  async #sendForItself(
    action: string,
    method: 'thread/archive' | 'thread/delete',
    threadId: string,
  ): Promise<void> {
    const isOwn = this.thread.loaded !== null;
    for (let triesLeft = isOwn ? 5 : 0; ; triesLeft -= 1)
      try {
        await this.#calls.send(action, method, { threadId });
        return;
      } catch (error) {
        if (triesLeft === 0 || !ThreadBusyError.is(error)) throw error;
        await pause(50);
      }
  }
}

function tokenOf({ continuation }: LiveThread): ContinuationToken {
  if (continuation === null) throw new TypeError('The thread has no id.');
  return continuation;
}
