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

/** Properties of a {@link LiveThread}. */
export interface LiveThreadProps {
  readonly appServer: AppServer;
  /** The options of the client. */
  readonly client: CodexOptions;
  /** The thread's own options, which turns with other options restore. */
  readonly options: ThreadOptions;
  /** The thread, or null for one that is yet to be started. */
  readonly threadId: string | null;
  readonly metadata?: ThreadMetadata;
  /** The required end of the thread when it is loaded. */
  readonly continuation?: ContinuationToken | null;
  /** The default working directory of a new thread; null if that directory does not exist. */
  readonly directory?: string | null;
  /** The fork that a thread without an id begins as, if it is not a new thread. */
  readonly fork?: ThreadFork;
  /** Called whenever the thread gets an id: when it is started, and again if codex-rs lost it before its first turn. */
  readonly onThreadId: (threadId: string) => void;
  /** Called whenever the thread's queue becomes empty. */
  readonly onRest: () => void;
}

/** The maximum random delay between clients that share a thread, in milliseconds. */
const longestLagMs = 50;

/** One thread in this client: loads it, grants access to one task at a time, and keeps its known state. */
export class LiveThread {
  readonly description: ThreadDescription;
  /** The running and waiting tasks of the thread. */
  readonly queue: TurnQueue;
  /** The turn whose outcome is unknown, if there is one. */
  readonly unsettled: UnsettledTurn;
  /** The thread as reported by codex-rs when it was last opened or read, or null before. */
  metadata: ThreadMetadata | null;
  /** The context window usage of its model, or null if unknown. */
  contextWindow: ContextWindow | null = null;
  /** Separates the goal of the thread, if it has one, from its other tasks. */
  readonly goal = new GoalPause();
  /** The file changes of its turns. */
  readonly diffs = new TurnDiffs();
  readonly #props: LiveThreadProps;
  #threadId: string | null;
  #continuation: ContinuationToken | null;
  #usage: TurnUsage | null = null;
  #loaded: LoadedThread | null = null;
  #exchange: Exchange | null = null;
  #pursuit: Pursuit | null = null;
  /** Whether a caller may rely on this thread: it has run, or its id was requested. */
  #isKept: boolean;
  #expected = 0;
  /** Whether the thread may end with any turn when it is loaded next. */
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
        if (appServer.session === session) await appServer.recycle('it did not respond');
      },
    });
  }

  /** The id codex-rs gave the thread, or null before it was opened. */
  get threadId(): string | null {
    return this.#threadId;
  }

  /** Resumes the thread as of now; null before its first turn starts. */
  get continuation(): ContinuationToken | null {
    return this.#continuation;
  }

  /** The usage of the thread, or null if unknown. */
  get usage(): TurnUsage | null {
    return this.#usage;
  }

  /** Whether a turn was started on the thread, or it began with the history of another. */
  get hasRun(): boolean {
    return this.#props.threadId !== null || this.#continuation !== null;
  }

  /** Whether a turn, or another task that needs exclusive use of the thread, runs or waits. */
  get isBusy(): boolean {
    return (
      this.queue.isBusy || this.loaded?.activity.isActive === true || this.#pursuit?.isOn === true
    );
  }

  /** The currently loaded thread, or null. */
  get loaded(): LoadedThread | null {
    return this.#loaded?.isUsable === true ? this.#loaded : null;
  }

  /** The turn that is on the wire. */
  get exchange(): Exchange | null {
    return this.#exchange ?? this.#pursuit?.exchange ?? null;
  }

  /**
   * Makes a goal follow the turns that codex-rs begins; returns a function that ends this.
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

  /** The default working directory of its turns; null if unknown. */
  get defaultDirectory(): DefaultDirectory | null {
    return defaultDirectory(this.#props, this.metadata);
  }

  /** Starts or loads the thread without running a turn; returns its id. */
  async open(): Promise<string> {
    return this.queue.add(async () => {
      const { threadId } = await this.ready();
      this.#isKept = true;
      return threadId;
    });
  }

  /**
   * Starts the thread and makes codex-rs write it to disk before its first turn, by setting a name. It can then be found by
   * its id elsewhere, where it is locked while this client has it loaded.
   */
  async materialize(name: string): Promise<string> {
    const { session, threadId } = await this.ready();
    if (this.metadata?.name === null) {
      await session.request('thread/name/set', { threadId, name });
      this.rename(name);
    }
    return threadId;
  }

  /** Deletes a thread that this client started and that has no turn. */
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

  /**
   * Loads the thread and runs the work with the thread's own settings while no turn runs, after the tasks that already
   * wait.
   */
  async exclusively<T>(work: (thread: LoadedThread) => Promise<T>): Promise<T> {
    return this.queue.add(async () => {
      for (;;) {
        const thread = await this.ready();
        await thread.overrides.putBack();
        // If they cannot be restored, loading the thread again restores them.
        if (thread.isUsable) return work(thread);
      }
    });
  }

  /** Restores the thread's own settings, unless a turn of this client runs or waits: that turn restores them. */
  async putBack(): Promise<void> {
    if (this.queue.isBusy || this.loaded === null) return;
    await this.queue.add(
      async () => this.loaded?.overrides.putBack(),
      // The thread is idle: this does not delay or fail any call.
      () => true,
    );
  }

  /** The loaded thread, with all outcomes known and no running turn. For tasks with exclusive use of it. */
  async ready(limits?: TurnLimits): Promise<LoadedThread> {
    for (;;) {
      await this.unsettled.settle();
      const thread = await this.#load();
      if (!thread.activity.isActive && !this.goal.isNeeded) return thread;
      const quiet = async (): Promise<void> => {
        await this.goal.hold(thread);
        // Other clients that wait for the same end must not begin at the same moment.
        if (thread.session.ownership === 'shared') await pause(Math.random() * longestLagMs);
      };
      await (limits === undefined ? quiet() : limits.clock.pausedFor(quiet));
    }
  }

  /** Runs a turn to its end and passes it the thread's notifications meanwhile. */
  async carry(exchange: Exchange, work: () => Promise<void>): Promise<void> {
    this.#exchange = exchange;
    try {
      await work();
    } finally {
      this.#exchange = null;
    }
  }

  /** The thread with its running turn, started by any client; null if no turn runs. */
  async running(): Promise<RunningTurn | null> {
    if (this.#threadId === null) return null;
    const session = await this.#props.appServer.connect();
    const known = this.loaded?.session === session ? this.loaded : null;
    const props = { session, threadId: this.#threadId, known, listener: this.#accept };
    const running = await runningTurn(props);
    if (running !== null) this.#loaded = running.thread;
    return running;
  }

  /** Runs work that itself waits for the turns it starts. */
  async expectingTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#expected += 1;
    try {
      return await work();
    } finally {
      this.#expected -= 1;
    }
  }

  /** The thread was renamed. */
  rename(name: string | null): void {
    if (this.metadata !== null)
      this.metadata = ThreadMetadata.fromJSON({ ...this.metadata.toJSON(), name });
  }

  /**
   * Reverts a turn and all turns after it.
   *
   * @throws `ThreadStateError` if the thread does not have this turn
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

  /** Resumes the thread as of the end of this turn, which may not be the last one. */
  tokenAfter(threadId: string, turnId: string): ContinuationToken {
    return this.#issue(threadId, turnId, null);
  }

  /** A turn has started: updates the token. */
  advance(threadId: string, turnId: string, restoration: object | null): ContinuationToken {
    return (this.#continuation = this.#issue(threadId, turnId, restoration));
  }

  /** The thread now ends with this turn, or has no turns: updates the token. */
  moveTo(
    turnId: string | null,
    baseline: ContinuationToken['baseline'] = this.loaded?.overrides.restoration ?? null,
  ): void {
    if (this.#threadId === null) return;
    // A reverted thread counts its tokens from an earlier total.
    this.#usage = null;
    this.#continuation = this.#issue(this.#threadId, turnId, baseline);
  }

  /** Accepts any end of the thread when it is loaded next: another machine may have continued it. */
  takeAsItStands(): void {
    this.#isTaken = true;
  }

  /** Updates the token after changes to the thread outside this class. */
  async followTail(): Promise<void> {
    const { loaded } = this;
    if (loaded === null || this.metadata?.isEphemeral === true) return;
    const turnId = await new ThreadHistory(loaded.session, loaded.threadId).lastTurnId();
    if (this.#continuation?.turnId !== turnId) this.moveTo(turnId);
  }

  /** The thread is no longer loaded: the next use loads it again. */
  unload(): void {
    this.#loaded?.close();
    this.#loaded = null;
  }

  /** Loads the thread into the running app-server, unless it is already loaded. */
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
    // A turn of this client may change the goal too.
    const isTheirs = this.#exchange === null && this.#expected === 0;
    if (isTheirs || method.startsWith('thread/goal/')) this.#pursuit?.accept(notification);
    if (method === 'turn/started') this.#isKept = true;
    // codex-rs runs its own turn, such as for a goal. At least the later turns have the thread's own settings.
    if (method === 'turn/started' && this.#exchange === null) void this.putBack();
    if (method === 'thread/closed') this.#loaded?.close();
    if (method === 'thread/settings/updated') this.#loaded?.overrides.accept(params.threadSettings);
    if (method === 'thread/name/updated') this.rename(params.threadName ?? null);
    if (method === 'thread/archived' || method === 'thread/deleted') this.unload();
    if (method === 'turn/completed' && this.#expected === 0)
      if (this.#continuation?.turnId !== params.turn.id) this.#followForeignTurn();
  };

  /** Updates the token after a turn that codex-rs started, such as for a goal, unless a turn of this client comes first. */
  #followForeignTurn(): void {
    void this.queue
      .add(async () => this.followTail())
      .catch((error: unknown) => {
        reportProblem(this.#threadId, 'foreign turn', error);
      });
  }
}
