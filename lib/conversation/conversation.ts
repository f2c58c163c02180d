import type { AppServer } from '../app-server/app-server.js';
import type { AppServerSession } from '../app-server/app-server-session.js';
import { onAbort } from '../app-server/on-abort.js';
import { RequestError } from '../errors.js';
import type { ServerNotification } from '../protocol/index.js';
import { ContinuationToken } from '../record/continuation-token.js';
import { Labels } from '../record/labels.js';
import type { ThreadMetadata } from '../record/thread-metadata.js';
import type { Redactor, Secret } from '../redaction.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { ThreadConversation } from '../thread/thread-conversation.js';
import type { ThreadOptions } from '../thread/thread-options.js';
import { OutcomeUnknownError } from '../turn/outcome-unknown-error.js';
import { Turn, type SteerOutcome, type TurnDriver } from '../turn/turn.js';
import { wireInput, type TurnInput } from '../turn/turn-input.js';
import type { TurnOptions } from '../turn/turn-options.js';
import { TurnRun } from '../turn/turn-run.js';
import { breakdown, type TurnUsage } from '../turn/usage.js';
import { Exchange } from './exchange.js';
import { LoadedThread } from './loaded-thread.js';
import { StoredLabels } from './stored-labels.js';
import { turnSettings } from './thread-requests.js';
import { UnknownOutcome } from './unknown-outcome.js';

/** What a {@link Conversation} is made of. */
export interface ConversationProps {
  readonly appServer: AppServer;
  /** Makes a new thread's conversation known under its id. */
  readonly onThreadId: (threadId: string, conversation: Conversation) => void;
  /** The thread, or null for one that is yet to be started. */
  readonly threadId: string | null;
  readonly metadata?: ThreadMetadata;
  /** Where the thread must stand when it is loaded. */
  readonly continuation?: ContinuationToken | null;
  /** Hides the client's secrets in errors. */
  readonly redactor: Redactor;
  /** Signs the tokens. */
  readonly continuationSecret?: Secret;
  /** Rejects when no turn can run, for want of an account. */
  readonly beforeTurn: (session: AppServerSession) => Promise<void>;
}

/**
 * The live side of one thread: loads it, runs its turns one after the other, and keeps what is known of it.
 *
 * There is one per thread id and `Codex`. codex-rs would take a second `turn/start` as a steer of the running turn.
 */
export class Conversation implements ThreadConversation, TurnDriver {
  readonly #props: ConversationProps;
  readonly #optionsOf = new WeakMap<TurnRun, ThreadOptions>();
  #threadId: string | null;
  #metadata: ThreadMetadata | null;
  #continuation: ContinuationToken | null;
  #usage: TurnUsage | null = null;
  #loaded: LoadedThread | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #exchange: Exchange | null = null;
  #waiting = 0;
  #unknown: UnknownOutcome | null = null;
  #unlabelled: { readonly thread: LoadedThread; readonly labels: Labels } | null = null;
  #labelling: Promise<void> | null = null;

  constructor(props: ConversationProps) {
    this.#props = props;
    this.#threadId = props.threadId;
    this.#metadata = props.metadata ?? null;
    this.#continuation = props.continuation ?? null;
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
    return this.#waiting > 0;
  }

  async open(options: ThreadOptions): Promise<string> {
    return this.exclusively(options, async ({ threadId }) => Promise.resolve(threadId));
  }

  /** Loads the thread and does the work while no turn runs, behind what is already waiting. */
  async exclusively<T>(
    options: ThreadOptions,
    work: (thread: LoadedThread) => Promise<T>,
  ): Promise<T> {
    return this.#inQueue(async () => {
      const thread = await this.#load(options);
      await this.#settleUnknown(thread);
      return work(thread);
    });
  }

  /** The thread now ends with this turn, or has none: the token follows. */
  moveTo(turnId: string | null): void {
    if (this.#threadId === null) return;
    this.#continuation = ContinuationToken.issue(
      { threadId: this.#threadId, turnId },
      this.#props.continuationSecret,
    );
  }

  /** The thread is not loaded any more: the next use loads it again. */
  unload(): void {
    this.#loaded?.close();
    this.#loaded = null;
  }

  turn(input: TurnInput, options: ThreadOptions, turnOptions: TurnOptions): Turn {
    const run = new TurnRun(wireInput(input), turnOptions);
    this.#optionsOf.set(run, options);
    return new Turn(run, this);
  }

  enqueue(run: TurnRun): void {
    const { signal } = run.options;
    run.queue();
    void run.settled.then(() => {
      telemetry.turnEnd.publish(() => run.ending);
    });
    if (signal?.aborted === true) {
      run.interrupt();
      return;
    }
    if (signal !== undefined) {
      const forget = onAbort(signal, () => void this.interrupt(run));
      void run.settled.then(forget);
    }
    this.#inQueue(async () => this.#perform(run)).catch((error: unknown) => {
      run.fail(error);
    });
  }

  async steer(run: TurnRun, input: TurnInput): Promise<SteerOutcome> {
    const parts = wireInput(input);
    return this.#exchange?.run === run ? this.#exchange.steer(parts) : { status: 'turnEnded' };
  }

  async interrupt(run: TurnRun): Promise<void> {
    if (run.isOver) return;
    if (this.#exchange?.run === run) await this.#exchange.stop();
    else run.interrupt();
  }

  async #inQueue<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const result = this.#queue.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #perform(run: TurnRun): Promise<void> {
    const options = this.#optionsOf.get(run);
    if (run.isOver || options === undefined) return;
    const isNewThread = this.#threadId === null;
    const thread = await this.#load(options);
    await this.#settleUnknown(thread);
    await this.#props.beforeTurn(thread.session);
    if (hasEnded(run)) return;
    this.#exchange = new Exchange({
      run,
      thread,
      params: {
        threadId: thread.threadId,
        clientUserMessageId: run.clientMessageId,
        input: [...run.input],
        ...turnSettings(options),
      },
      begin: (turnId) => {
        this.#begin(run, thread, turnId, isNewThread);
      },
    });
    try {
      await this.#exchange.perform();
    } catch (error) {
      throw RequestError.is(error) ? error : this.#loseTrackOf(run, thread, error);
    } finally {
      this.#exchange = null;
    }
  }

  /** No acknowledgement came: the queue goes on only once it is known what became of the turn. */
  #loseTrackOf(run: TurnRun, thread: LoadedThread, cause: unknown): OutcomeUnknownError {
    const { threadId } = thread;
    const { clientMessageId } = run;
    const unknown = new UnknownOutcome(clientMessageId);
    this.#unknown = unknown;
    const options = this.#optionsOf.get(run);
    return new OutcomeUnknownError({
      threadId,
      clientMessageId,
      cause,
      reconcile: async () =>
        this.#inQueue(async () => {
          if (options === undefined) throw cause;
          const outcome = await unknown.settle(await this.#load(options));
          if (this.#unknown === unknown) this.#unknown = null;
          return outcome;
        }),
    });
  }

  async #settleUnknown(thread: LoadedThread): Promise<void> {
    if (this.#unknown === null) return;
    await this.#unknown.settle(thread);
    this.#unknown = null;
  }

  /** Loads the thread into the living app-server, unless it is there already. */
  async #load(options: ThreadOptions): Promise<LoadedThread> {
    const session = await this.#props.appServer.connect();
    if (this.#loaded?.session === session && this.#loaded.isUsable) return this.#loaded;
    const listener = (notification: ServerNotification): void => {
      this.#accept(notification);
    };
    this.#loaded?.close();
    this.#loaded =
      this.#threadId === null
        ? await LoadedThread.start(session, options, listener)
        : await LoadedThread.resume(session, this.#threadId, options, this.#continuation, listener);
    this.#metadata = this.#loaded.metadata;
    const { threadId } = this.#loaded;
    const isNew = this.#threadId === null;
    telemetry.threadOpen.publish(() => ({ threadId, isNew, generation: session.generation }));
    if (isNew) this.#props.onThreadId(threadId, this);
    this.#threadId = threadId;
    return this.#loaded;
  }

  #begin(run: TurnRun, thread: LoadedThread, turnId: string, isNewThread: boolean): void {
    const { threadId } = thread;
    const continuation = ContinuationToken.issue(
      { threadId, turnId },
      this.#props.continuationSecret,
    );
    this.#continuation = continuation;
    run.begin({
      threadId,
      turnId,
      isNewThread,
      redactor: this.#props.redactor,
      usageBefore: this.#usage ?? (isNewThread ? breakdown({}) : null),
      continuation,
    });
    const labels = this.#optionsOf.get(run)?.labels ?? Labels.empty;
    telemetry.turnStart.publish(() => ({ threadId, turnId, labels: labels.toJSON() }));
    if (isNewThread && labels.size > 0 && !thread.metadata.isEphemeral)
      this.#unlabelled = { thread, labels };
  }

  /** Off the turn's path: labels that cannot be stored fail no turn. */
  async #storeLabels(): Promise<void> {
    if (this.#unlabelled === null) return;
    const { thread, labels } = this.#unlabelled;
    const { session, threadId } = thread;
    this.#unlabelled = null;
    const hold = session.hold();
    this.#labelling = new StoredLabels(session, threadId).write(labels).catch((error: unknown) => {
      telemetry.problem.publish(() => ({
        threadId,
        during: 'labels',
        message: error instanceof Error ? error.message : String(error),
      }));
    });
    await this.#labelling;
    this.#labelling = null;
    hold[Symbol.dispose]();
  }

  #accept(notification: ServerNotification): void {
    // A result says that the thread is as it is to be found again: with its labels.
    if (notification.method === 'turn/completed' && this.#labelling !== null)
      void this.#labelling.then(() => this.#exchange?.accept(notification));
    else this.#exchange?.accept(notification);
    // codex-rs takes attachments from here on; right behind turn/start it would not find the thread.
    if (notification.method === 'turn/started') void this.#storeLabels();
    if (notification.method === 'thread/tokenUsage/updated')
      this.#usage = breakdown(notification.params.tokenUsage.total);
    if (notification.method === 'thread/closed') this.#loaded?.close();
  }
}

/** Asked again after an `await`, where the compiler believes it knows. */
function hasEnded(run: TurnRun): boolean {
  return run.isOver;
}
