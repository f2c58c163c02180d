import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import type { ServerNotification } from '../protocol/index.js';
import { ContinuationToken } from '../record/continuation-token.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import { pause } from '../pause.js';
import { decode } from '../wire/decode.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { CodexOptions } from '../options/codex-options.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { ownSandbox, sandboxIn, withSandbox } from '../loaded/own-sandbox.js';
import { ThreadCalls } from '../loaded/thread-calls.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import { contextWindowOf, type ContextWindow } from '../turn/context-window.js';
import type { Exchange } from '../turn/exchange.js';
import { ThreadDescription } from '../turn/thread-description.js';
import { defaultDirectory, type DefaultDirectory } from '../turn/turn-directories.js';
import type { TurnLimits } from '../turn/turn-limits.js';
import { TurnQueue } from '../turn/turn-queue.js';
import { UnsettledTurn } from '../turn/unsettled-turn.js';
import { breakdown, type TurnUsage } from '../turn/usage.js';
import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import { GoalPause, type Pursuit } from './goal-pause.js';
import { TurnDiffs } from './turn-diffs.js';
import { runningTurn, type RunningTurn } from './running-turn.js';
import type { ThreadFork } from './thread-fork.js';
import { ThreadLoading } from './thread-loading.js';

/** What a {@link LiveThread} is made of. */
export interface LiveThreadProps {
  readonly appServer: AppServer;
  /** The options of the client. */
  readonly client: CodexOptions;
  /** The thread's own options: turns with others put them back. */
  readonly options: ThreadOptions;
  /** The thread, or null for one that is yet to be started. */
  readonly threadId: string | null;
  readonly metadata?: ThreadMetadata;
  /** Where the thread must stand when it is loaded. */
  readonly continuation?: ContinuationToken | null;
  /** Where a new thread without `workingDirectory` works; null if that directory is gone. */
  readonly directory?: string | null;
  /** How a thread without an id begins, when not as a new one: as a fork. */
  readonly fork?: ThreadFork;
  /** Called whenever the thread gets an id: when it is started, and again if codex-rs lost it before it ran. */
  readonly onThreadId: (threadId: string) => void;
  /** Called whenever nothing waits for the thread any more. */
  readonly onRest: () => void;
}

/** By how much clients that share a thread begin apart, at most, in milliseconds. */
const longestLagMs = 50;

/** One thread as this client has it: loads it, gives it to one user at a time, and keeps what is known of it. */
export class LiveThread {
  readonly description: ThreadDescription;
  /** Who has the thread, and who waits for it. */
  readonly queue: TurnQueue;
  /** The turn whose outcome is unknown, if there is one. */
  readonly unsettled: UnsettledTurn;
  /** What codex-rs said of the thread when it was last opened or read, or null before. */
  metadata: ThreadMetadata | null;
  /** How full the context of its model is, or null when that is not known. */
  contextWindow: ContextWindow | null = null;
  /** Keeps the goal of the thread, if it has one, apart from what else is done with it. */
  readonly goal = new GoalPause();
  /** What its turns did to files. */
  readonly diffs = new TurnDiffs();
  readonly #props: LiveThreadProps;
  #threadId: string | null;
  #continuation: ContinuationToken | null;
  #usage: TurnUsage | null = null;
  #loaded: LoadedThread | null = null;
  #exchange: Exchange | null = null;
  #pursuit: Pursuit | null = null;
  /** Whether somebody may count on this very thread: it has run, or its id was asked for. */
  #isKept: boolean;
  #expected = 0;
  /** Whether the thread may end anywhere when it is loaded next. */
  #isTaken = false;

  constructor(props: LiveThreadProps) {
    const { appServer, options, threadId, metadata = null, continuation = null, onRest } = props;
    this.#props = props;
    this.#threadId = threadId;
    this.#isKept = threadId !== null;
    this.metadata = metadata;
    this.#continuation = continuation;
    this.description = new ThreadDescription(options);
    this.queue = new TurnQueue({ done: async () => this.goal.release(), rest: onRest });
    this.unsettled = new UnsettledTurn(this.queue, {
      load: async () => this.#load(),
      recycle: async (session) => {
        if (appServer.session === session) await appServer.recycle('it did not answer');
      },
    });
  }

  /** The id codex-rs gave the thread, or null before it was opened. */
  get threadId(): string | null {
    return this.#threadId;
  }

  /** Resumes the thread as it stands now, or null before its first turn started. */
  get continuation(): ContinuationToken | null {
    return this.#continuation;
  }

  /** What the thread has spent, or null when that is not known. */
  get usage(): TurnUsage | null {
    return this.#usage;
  }

  /** Whether a turn was started on the thread, or it began with the history of another. */
  get hasRun(): boolean {
    return this.#props.threadId !== null || this.#continuation !== null;
  }

  /** Whether a turn, or something else that needs the thread for itself, runs or waits. */
  get isBusy(): boolean {
    return (
      this.queue.isBusy || this.loaded?.activity.isActive === true || this.#pursuit?.isOn === true
    );
  }

  /** The thread as it is loaded now, or null. */
  get loaded(): LoadedThread | null {
    return this.#loaded?.isUsable === true ? this.#loaded : null;
  }

  /** The turn that is on the wire. */
  get exchange(): Exchange | null {
    return this.#exchange ?? this.#pursuit?.exchange ?? null;
  }

  /**
   * Has a goal follow the turns that codex-rs begins; returns what ends that.
   *
   * @throws {@link ThreadBusyError} if it follows another goal
   */
  follow(pursuit: Pursuit): () => void {
    if (this.#pursuit !== null) throw new ThreadBusyError(this.#threadId, { action: 'pursue()' });
    this.#pursuit = pursuit;
    return () => {
      this.#pursuit = null;
    };
  }

  /** Where its turns work unless their options say otherwise; null if that is not known. */
  get defaultDirectory(): DefaultDirectory | null {
    return defaultDirectory(this.#props, this.metadata);
  }

  /** Starts or loads the thread without running a turn; gives its id. */
  async open(): Promise<string> {
    return this.queue.add(async () => {
      const { threadId } = await this.ready();
      this.#isKept = true;
      return threadId;
    });
  }

  /**
   * Starts the thread and has codex-rs write it to the disk before its first turn, which it does for the sake of a name. Then
   * it can be found by its id elsewhere, where it is locked while this client has it.
   */
  async materialize(name: string): Promise<string> {
    const { session, threadId } = await this.ready();
    if (this.metadata?.name === null) {
      await session.request('thread/name/set', { threadId, name });
      this.rename(name);
    }
    return threadId;
  }

  /** Deletes a thread that this client has started and that no turn was run on. */
  async discard(): Promise<void> {
    const { loaded } = this;
    this.unload();
    this.#threadId = null;
    this.metadata = null;
    if (loaded === null) return;
    const { session, threadId } = loaded;
    await session.request('thread/delete', { threadId }).catch((error: unknown) => {
      reportProblem(threadId, 'idempotency key', error);
    });
  }

  /** Loads the thread and does the work with its own settings while no turn runs, behind what is already waiting. */
  async exclusively<T>(work: (thread: LoadedThread) => Promise<T>): Promise<T> {
    return this.queue.add(async () => {
      for (;;) {
        const thread = await this.ready();
        await thread.overrides.putBack();
        // Where they could not be put back, the thread is loaded again, which does it.
        if (thread.isUsable) return work(thread);
      }
    });
  }

  /** Puts the thread's own settings back, unless one of our turns has it or waits for it: that does it itself. */
  async putBack(): Promise<void> {
    if (this.queue.isBusy || this.loaded === null) return;
    await this.queue.add(
      async () => this.loaded?.overrides.putBack(),
      // The thread is idle: this makes no call wait or fail.
      () => true,
    );
  }

  /** The thread, loaded, with nothing unknown of it and no turn on it. For those who have it for themselves. */
  async ready(limits?: TurnLimits): Promise<LoadedThread> {
    for (;;) {
      await this.unsettled.settle();
      const thread = await this.#load();
      if (!thread.activity.isActive && !this.goal.isNeeded) return thread;
      const quiet = async (): Promise<void> => {
        await this.goal.hold(thread);
        // Who waits for the same end elsewhere is not to begin in the same moment.
        if (thread.session.ownership === 'shared') await pause(Math.random() * longestLagMs);
      };
      await (limits === undefined ? quiet() : limits.clock.pausedFor(quiet));
    }
  }

  /** Sees a turn to its end; it gets what codex-rs says of the thread meanwhile. */
  async carry(exchange: Exchange, work: () => Promise<void>): Promise<void> {
    this.#exchange = exchange;
    try {
      await work();
    } finally {
      this.#exchange = null;
    }
  }

  /** The thread with the turn that runs on it, whoever has started it; null if none runs. */
  async running(): Promise<RunningTurn | null> {
    if (this.#threadId === null) return null;
    const session = await this.#props.appServer.connect();
    const known = this.loaded?.session === session ? this.loaded : null;
    const props = { session, threadId: this.#threadId, known, listener: this.#accept };
    const running = await runningTurn(props);
    if (running !== null) this.#loaded = running.thread;
    return running;
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

  /** The thread has another name. */
  rename(name: string | null): void {
    if (this.metadata !== null)
      this.metadata = ThreadMetadata.fromJSON({ ...this.metadata.toJSON(), name });
  }

  /**
   * Takes back a turn and all after it.
   *
   * @throws `ThreadStateError` if the thread has no such turn
   */
  async cutBefore({ session, threadId }: LoadedThread, turnId: string): Promise<void> {
    const kept = await new ThreadHistory(session, threadId).turnBefore(turnId);
    const calls = new ThreadCalls(session, threadId);
    const params = { threadId, beforeTurnId: turnId };
    const { thread: json } = await calls.send('revert()', 'thread/revert', params);
    this.moveTo(kept);
    this.contextWindow = null;
    this.metadata = decode('thread/revert', () => ThreadMetadata.fromJSON(json), session);
  }

  /** Resumes the thread as it stands right after this turn, which need not be the last one. */
  tokenAfter(threadId: string, turnId: string): ContinuationToken {
    return this.#issue(threadId, turnId, null);
  }

  /** A turn has started: the token follows. */
  advance(threadId: string, turnId: string, restoration: object | null): ContinuationToken {
    return (this.#continuation = this.#issue(threadId, turnId, restoration));
  }

  /** The thread now ends with this turn, or has none: the token follows. */
  moveTo(
    turnId: string | null,
    baseline: ContinuationToken['baseline'] = this.loaded?.overrides.restoration ?? null,
  ): void {
    if (this.#threadId === null) return;
    // A thread that was reverted counts its tokens from an earlier total.
    this.#usage = null;
    this.#continuation = this.#issue(this.#threadId, turnId, baseline);
  }

  /** Wherever the thread ends when it is loaded next, that is right: another machine may have moved it on unseen. */
  takeAsItStands(): void {
    this.#isTaken = true;
  }

  /** The token follows what was done to the thread behind the back of this class. */
  async followTail(): Promise<void> {
    const { loaded } = this;
    if (loaded === null || this.metadata?.isEphemeral === true) return;
    const turnId = await new ThreadHistory(loaded.session, loaded.threadId).lastTurnId();
    if (this.#continuation?.turnId !== turnId) this.moveTo(turnId);
  }

  /** The thread is not loaded any more: the next use loads it again. */
  unload(): void {
    this.#loaded?.close();
    this.#loaded = null;
  }

  /** Loads the thread into the living app-server, unless it is there already. */
  async #load(): Promise<LoadedThread> {
    const session = await this.#props.appServer.connect();
    if (this.#loaded?.session === session && this.#loaded.isUsable) return this.#loaded;
    this.#loaded?.close();
    const loaded = await this.#startOrResume(session);
    if (this.#threadId !== loaded.threadId) this.#props.onThreadId(loaded.threadId);
    this.metadata = loaded.metadata;
    this.#threadId = loaded.threadId;
    this.#loaded = loaded;
    if (this.#isTaken) await this.followTail();
    this.#isTaken = false;
    return loaded;
  }

  async #startOrResume(session: AppServerSession): Promise<LoadedThread> {
    const { loaded, isAnew } = await new ThreadLoading({
      session,
      client: this.#props.client,
      description: this.description,
      fork: this.#props.fork,
      parentThreadId: this.metadata?.parentThreadId ?? null,
      isKept: this.#isKept,
      isTaken: this.#isTaken,
      directory: this.defaultDirectory,
      listener: this.#accept,
    }).load(this.#threadId, this.#continuation);
    if (isAnew) this.#continuation = null;
    return loaded;
  }

  #issue(threadId: string, turnId: string | null, restoration: object | null): ContinuationToken {
    const { loaded } = this;
    const own = loaded && ownSandbox(this.description.options, loaded.reported);
    const sandbox = own ?? sandboxIn(this.#continuation?.baseline ?? null);
    const baseline = withSandbox(restoration, sandbox);
    return ContinuationToken.issue(
      { threadId, turnId, ...(Object.keys(baseline).length === 0 ? {} : { baseline }) },
      this.#props.client.continuationSecret,
    );
  }

  readonly #accept = (notification: ServerNotification): void => {
    const { method, params } = notification;
    if (method === 'thread/tokenUsage/updated') {
      this.#usage = breakdown(params.tokenUsage.total);
      this.contextWindow = contextWindowOf(params.tokenUsage) ?? this.contextWindow;
    }
    this.goal.accept(notification);
    const options = this.exchange?.options ?? this.description.options;
    this.diffs.accept(notification, options.workingDirectory ?? this.metadata?.workingDirectory);
    this.#exchange?.accept(notification);
    // A turn of this client may change the goal, too.
    const isTheirs = this.#exchange === null && this.#expected === 0;
    if (isTheirs || method.startsWith('thread/goal/')) this.#pursuit?.accept(notification);
    if (method === 'turn/started') this.#isKept = true;
    // codex-rs runs a turn by itself, such as for a goal. At least those after it have the thread's own settings.
    if (method === 'turn/started' && this.#exchange === null) void this.putBack();
    if (method === 'thread/closed') this.#loaded?.close();
    if (method === 'thread/settings/updated') this.#loaded?.overrides.accept(params.threadSettings);
    if (method === 'thread/name/updated') this.rename(params.threadName ?? null);
    if (method === 'thread/archived' || method === 'thread/deleted') this.unload();
    if (method === 'turn/completed' && this.#expected === 0)
      if (this.#continuation?.turnId !== params.turn.id) this.#followForeignTurn();
  };

  /** The token follows a turn that codex-rs has run by itself, such as for a goal, unless one of ours comes first. */
  #followForeignTurn(): void {
    void this.queue
      .add(async () => this.followTail())
      .catch((error: unknown) => {
        reportProblem(this.#threadId, 'foreign turn', error);
      });
  }
}
