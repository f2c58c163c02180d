import type { AppServerSession } from '../wire/app-server-session.js';
import { RequestError } from '../errors.js';
import type { ServerNotification, UserInput } from '../protocol/index.js';
import { ContinuationToken } from '../record/continuation-token.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { ThreadConversation } from '../thread/thread-conversation.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { nothingToStop, type StopReport } from '../turn/stop-report.js';
import { Turn, type SteerOutcome, type TurnDriver } from '../turn/turn.js';
import { wireInput, type TurnInput } from '../turn/turn-input.js';
import type { TurnOptions } from '../turn/turn-options.js';
import { TurnRun } from '../turn/turn-run.js';
import { breakdown, type TurnUsage } from '../turn/usage.js';
import type { ConversationProps } from './conversation-props.js';
import { Exchange } from '../turn/exchange.js';
import type { LiveThread } from './live-thread.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import type { ThreadLifecycle } from './thread-lifecycle.js';
import { sendableInput } from '../turn/sendable-input.js';
import { ownSandbox, sandboxIn, withSandbox } from '../loaded/own-sandbox.js';
import { ThreadDescription } from '../turn/thread-description.js';
import { TurnQueue } from '../turn/turn-queue.js';
import { ThreadLoading } from './thread-loading.js';
import type { PostTurnWork } from '../turn/post-turn-work.js';
import { TurnLimits } from '../turn/turn-limits.js';
import { isUnloaded, resendLimit } from '../turn/turn-refusal.js';
import { prepared, described, type TurnSending } from '../turn/turn-sending.js';
import {
  checkDirectories,
  defaultDirectory,
  type DefaultDirectory,
} from '../turn/turn-directories.js';
import { UnsettledTurn } from '../turn/unsettled-turn.js';
import { untilServersStarted } from '../turn/until-servers-started.js';

/**
 * The live side of one thread: loads it, runs its turns one after the other, and keeps what is known of it.
 *
 * There is one per thread id and `Codex`. codex-rs would take a second `turn/start` as a steer of the running turn.
 */
export class Conversation implements ThreadConversation, LiveThread, TurnDriver {
  readonly lifecycle: ThreadLifecycle;
  readonly description: ThreadDescription;
  readonly #props: ConversationProps;
  readonly #queue = new TurnQueue(() => {
    this.lifecycle.rest();
  });
  readonly #unsettled = new UnsettledTurn(this.#queue, {
    load: async () => this.#load(),
    recycle: async (session) => {
      const { appServer } = this.#props;
      if (appServer.session === session) await appServer.recycle('it did not answer');
    },
  });
  #threadId: string | null;
  #metadata: ThreadMetadata | null;
  #continuation: ContinuationToken | null;
  #usage: TurnUsage | null = null;
  #loaded: LoadedThread | null = null;
  #exchange: Exchange | null = null;
  /** Whether somebody may count on this very thread: it has run, or its id was asked for. */
  #isKept: boolean;

  constructor(props: ConversationProps) {
    this.#props = props;
    this.#threadId = props.threadId;
    this.#isKept = props.threadId !== null;
    this.#metadata = props.metadata ?? null;
    this.#continuation = props.continuation ?? null;
    this.description = new ThreadDescription(props.options);
    this.lifecycle = props.lifecycle(this);
  }

  get threadId(): string | null {
    return this.#threadId;
  }

  get metadata(): ThreadMetadata | null {
    return this.#metadata;
  }

  get continuation(): ContinuationToken | null {
    return this.#continuation;
  }

  /** Whether a turn, or something else that needs the thread for itself, runs or waits. */
  get isBusy(): boolean {
    return this.#queue.isBusy || this.loaded?.activity.isActive === true;
  }

  /** The turn that is on the wire. */
  get exchange(): Exchange | null {
    return this.#exchange;
  }

  get loaded(): LoadedThread | null {
    return this.#loaded?.isUsable === true ? this.#loaded : null;
  }

  /** Takes in what codex-rs says of the thread. */
  update(metadata: ThreadMetadata): void {
    this.#metadata = metadata;
  }

  /** Does the work while no turn runs, without loading the thread. */
  async queued<T>(work: () => Promise<T>, isOver?: () => boolean): Promise<T> {
    return this.#queue.add(work, isOver);
  }

  async open(): Promise<string> {
    return this.exclusively(async ({ threadId }) => {
      this.#isKept = true;
      return Promise.resolve(threadId);
    });
  }

  /** Loads the thread and does the work while no turn runs, behind what is already waiting. */
  async exclusively<T>(work: (thread: LoadedThread) => Promise<T>): Promise<T> {
    return this.#queue.add(async () => work(await this.#ready()));
  }

  /** The thread now ends with this turn, or has none: the token follows. */
  moveTo(turnId: string | null, baseline: ContinuationToken['baseline'] = null): void {
    if (this.#threadId === null) return;
    // A thread that was reverted counts its tokens from an earlier total.
    this.#usage = null;
    this.#continuation = this.#issue(this.#threadId, turnId, baseline);
  }

  /** The thread is not loaded any more: the next use loads it again. */
  unload(): void {
    this.#loaded?.close();
    this.#loaded = null;
  }

  turn(input: TurnInput, options: ThreadOptions, turnOptions: TurnOptions): Turn {
    return new Turn(new TurnRun(wireInput(input), turnOptions, options), this);
  }

  enqueue(run: TurnRun): void {
    this.#queue.addTurn(run, {
      threadId: this.#threadId,
      isBusy: this.isBusy,
      perform: async () => this.#perform(run),
      interrupt: () => void this.interrupt(run),
    });
  }

  async steer(run: TurnRun, input: TurnInput): Promise<SteerOutcome> {
    const parts = await this.#sendable(run, wireInput(input));
    return this.#exchange?.run === run ? this.#exchange.steer(parts) : { status: 'turnEnded' };
  }

  async interrupt(run: TurnRun): Promise<StopReport> {
    if (this.#exchange?.run === run) return this.#exchange.stop();
    run.interrupt();
    return nothingToStop;
  }

  async #perform(run: TurnRun): Promise<void> {
    if (run.isOver) return;
    await TurnLimits.bound(
      {
        run,
        describe: () => ({
          threadId: this.#threadId,
          lastEvent: this.#exchange?.lastEvent ?? null,
        }),
        stop: () => void this.interrupt(run),
      },
      async (limits) => this.#sendWithin(limits, run),
    );
  }

  async #sendWithin(limits: TurnLimits, run: TurnRun): Promise<void> {
    const options = this.description.over(run.threadOptions);
    const outputSchema = await run.prepareOutput();
    const input = await limits.opening(async () => this.#sendable(run, run.input));
    // Neither counts: the start of the process and the lookup of an earlier turn have limits of their own.
    await limits.clock.pausedFor(async () => {
      await this.#props.appServer.connect();
      await this.#unsettled.settle();
    });
    const threadIdBefore = this.#threadId;
    const { labelsToProvider } = this.#props;
    const sending = { run, input, options, outputSchema, threadIdBefore, labelsToProvider };
    for (let refusals = 0; ; refusals += 1) {
      const thread = await limits.opening(async () => this.#ready(limits));
      await checkDirectories(thread.session, options, this.#defaultDirectory);
      try {
        await this.#send({ ...sending, thread }, limits);
        return;
      } catch (error) {
        // Refused before anything ran: it may be sent again.
        if (refusals >= resendLimit(error)) throw error;
        if (isUnloaded(error)) thread.close();
      }
    }
  }

  /** The thread, loaded, with nothing unknown of it and no turn on it. */
  async #ready(limits?: TurnLimits): Promise<LoadedThread> {
    for (;;) {
      await this.#unsettled.settle();
      const thread = await this.#load();
      if (!thread.activity.isActive) return thread;
      const quiet = async (): Promise<void> => thread.activity.quiet();
      await (limits === undefined ? quiet() : limits.clock.pausedFor(quiet));
    }
  }

  get #defaultDirectory(): DefaultDirectory | null {
    return defaultDirectory(this.#props, this.#metadata);
  }

  async #sendable(run: TurnRun, input: readonly UserInput[]): Promise<UserInput[]> {
    const options = this.description.over(run.threadOptions);
    const { appServer, client } = this.#props;
    const folder = options.workingDirectory ?? this.#defaultDirectory?.path ?? undefined;
    return sendableInput(input, { appServer, client, options, folder });
  }

  async #send(sending: TurnSending, limits: TurnLimits): Promise<void> {
    const { run, thread, options } = sending;
    const [{ threadId }, { clock }] = [thread, limits];
    const parts = await limits.opening(async () => {
      await this.#props.beforeTurn(thread.session);
      return prepared(sending, {
        client: this.#props.client,
        description: this.description,
        isNew: this.#continuation === null,
        known: this.lifecycle.knownSettings,
      });
    });
    const { postTurn } = parts;
    await limits.opening(async () => clock.pausedFor(async () => thread.activity.quiet()));
    const wait = { run, client: this.#props.client, options: this.description.options };
    await limits.opening(async () => untilServersStarted(thread, wait));
    if (run.isOver) return;
    run.telemetry.send(() => ({ threadId, ...described(sending) }));
    this.#exchange = new Exchange({
      run,
      thread,
      options,
      clock,
      ...parts,
      begin: (turnId) => {
        this.#begin(sending, turnId, postTurn);
      },
      recycle: async (reason) => this.#props.appServer.recycle(reason),
    });
    try {
      await this.#exchange.perform();
    } catch (error) {
      if (!RequestError.is(error))
        throw this.#unsettled.remember(run.clientMessageId, threadId, error);
      await postTurn.settle();
      throw error;
    } finally {
      this.#exchange = null;
    }
  }

  /** Loads the thread into the living app-server, unless it is there already. */
  async #load(): Promise<LoadedThread> {
    const session = await this.#props.appServer.connect();
    if (this.#loaded?.session === session && this.#loaded.isUsable) return this.#loaded;
    this.#loaded?.close();
    const loaded = await this.#startOrResume(session);
    if (this.#threadId !== loaded.threadId) this.#props.onThreadId(loaded.threadId, this);
    this.#metadata = loaded.metadata;
    this.#threadId = loaded.threadId;
    this.#loaded = loaded;
    return loaded;
  }

  async #startOrResume(session: AppServerSession): Promise<LoadedThread> {
    const { loaded, isAnew } = await new ThreadLoading({
      session,
      client: this.#props.client,
      description: this.description,
      fork: this.#props.fork,
      isKept: this.#isKept,
      directory: this.#defaultDirectory,
      listener: (notification) => {
        this.#accept(notification);
      },
    }).load(this.#threadId, this.#continuation);
    if (isAnew) this.#continuation = null;
    return loaded;
  }

  #begin(sending: TurnSending, turnId: string, postTurn: PostTurnWork): void {
    const { run, thread, options, threadIdBefore } = sending;
    const { threadId } = thread;
    const isNewThread = threadId !== threadIdBefore;
    const { isUnlabelled } = this.lifecycle;
    const continuation = this.#issue(threadId, turnId, postTurn.restoration);
    this.#continuation = continuation;
    run.begin({
      threadId,
      turnId,
      isNewThread,
      redactor: this.#props.redactor,
      ...(this.#props.explain === undefined ? {} : { explain: this.#props.explain }),
      usageBefore: this.#usage ?? (isNewThread ? breakdown({}) : null),
      continuation,
      ...described(sending),
    });
    if (isUnlabelled) postTurn.keep(options.labels, this.description.tools);
  }

  #issue(threadId: string, turnId: string | null, restoration: object | null): ContinuationToken {
    const { loaded } = this;
    const own = loaded && ownSandbox(this.description.options, loaded.reported);
    const sandbox = own ?? sandboxIn(this.#continuation?.baseline ?? null);
    const baseline = withSandbox(restoration, sandbox);
    return ContinuationToken.issue(
      { threadId, turnId, ...(Object.keys(baseline).length === 0 ? {} : { baseline }) },
      this.#props.continuationSecret,
    );
  }

  #accept(notification: ServerNotification): void {
    if (notification.method === 'thread/tokenUsage/updated')
      this.#usage = breakdown(notification.params.tokenUsage.total);
    this.#exchange?.accept(notification);
    if (notification.method === 'turn/started') this.#isKept = true;
    if (notification.method === 'thread/closed') this.#loaded?.close();
    this.lifecycle.accept(notification);
  }
}
