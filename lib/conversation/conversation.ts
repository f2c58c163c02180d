import type { AppServer } from '../app-server/app-server.js';
import type { AppServerSession } from '../app-server/app-server-session.js';
import { RequestError } from '../errors.js';
import type { ServerNotification } from '../protocol/index.js';
import { ContinuationToken } from '../record/continuation-token.js';
import { ThreadMetadata } from '../record/thread-metadata.js';
import type { Redactor, Secret } from '../redaction.js';
import { refusal } from '../resume/codex-rs-resume-validator.js';
import { ResumeRejectedError } from '../resume/resume-rejected-error.js';
import { judgeTail } from '../resume/thread-tail.js';
import type { ThreadConversation } from '../thread/thread-conversation.js';
import type { ThreadOptions } from '../thread/thread-options.js';
import { Turn, type SteerOutcome, type TurnDriver } from '../turn/turn.js';
import { wireInput, type TurnInput } from '../turn/turn-input.js';
import type { TurnOptions } from '../turn/turn-options.js';
import { TurnRun } from '../turn/turn-run.js';
import { breakdown, type TurnUsage } from '../turn/usage.js';
import type { ConversationRegistry } from './conversation-registry.js';
import { threadResume, threadStart, turnSettings } from './thread-requests.js';

/** What a {@link Conversation} is made of. */
export interface ConversationProps {
  readonly appServer: AppServer;
  readonly registry: ConversationRegistry;
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
  #threadId: string | null;
  #metadata: ThreadMetadata | null;
  #continuation: ContinuationToken | null;
  #usage: TurnUsage | null = null;
  #loadedIn: AppServerSession | null = null;
  #unsubscribe: () => void = () => undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #active: ActiveTurn | null = null;
  readonly #optionsOf = new WeakMap<TurnRun, ThreadOptions>();

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

  async open(options: ThreadOptions): Promise<string> {
    return this.#inQueue(async () => (await this.#load(options)).threadId);
  }

  turn(input: TurnInput, options: ThreadOptions, turnOptions: TurnOptions): Turn {
    const run = new TurnRun(wireInput(input), turnOptions);
    this.#optionsOf.set(run, options);
    return new Turn(run, this);
  }

  enqueue(run: TurnRun): void {
    const { signal } = run.options;
    const stop = (): void => void this.interrupt(run);
    run.queue();
    if (signal?.aborted === true) {
      run.interrupt();
      return;
    }
    signal?.addEventListener('abort', stop, { once: true });
    void run.outcome
      .catch(() => undefined)
      .finally(() => signal?.removeEventListener('abort', stop));
    this.#inQueue(async () => this.#perform(run)).catch((error: unknown) => {
      run.fail(error);
    });
  }

  async steer(run: TurnRun, input: TurnInput): Promise<SteerOutcome> {
    const parts = wireInput(input);
    const session = this.#loadedIn;
    const { turnId } = run;
    if (run.isOver || session === null || turnId === null || this.#threadId === null)
      return { status: 'turnEnded' };
    try {
      await session.request('turn/steer', {
        threadId: this.#threadId,
        expectedTurnId: turnId,
        input: parts,
      });
      return { status: 'steered' };
    } catch (error) {
      if (RequestError.is(error) && /no active turn|expected active turn/.test(error.serverMessage))
        return { status: 'turnEnded' };
      if (RequestError.is(error)) throw error;
      return { status: 'unknown', cause: error };
    }
  }

  async interrupt(run: TurnRun): Promise<void> {
    if (run.isOver) return;
    const active = this.#active;
    if (active?.run !== run) {
      run.interrupt();
      return;
    }
    active.isStopping = true;
    await this.#sendInterrupt(active);
    await run.outcome.catch(() => undefined);
  }

  async #inQueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #perform(run: TurnRun): Promise<void> {
    if (run.isOver) return;
    const options = this.#optionsOf.get(run);
    if (options === undefined) return;
    const isNewThread = this.#threadId === null;
    const { session, threadId } = await this.#load(options);
    await this.#props.beforeTurn(session);
    if (hasEnded(run)) return;
    const active: ActiveTurn = { run, session, threadId, isNewThread, isStopping: false };
    const hold = session.hold();
    const forgetClose = session.onClose((error) => {
      run.fail(error);
    });
    this.#active = active;
    try {
      const { turn } = await session.request('turn/start', {
        threadId,
        clientUserMessageId: run.clientMessageId,
        input: [...run.input],
        ...turnSettings(options),
      });
      this.#begin(active, turn.id);
      await run.outcome.catch(() => undefined);
    } finally {
      this.#active = null;
      forgetClose();
      hold[Symbol.dispose]();
    }
  }

  /** Loads the thread into the living app-server, unless it is there already. */
  async #load(options: ThreadOptions): Promise<{ session: AppServerSession; threadId: string }> {
    const session = await this.#props.appServer.connect();
    const known = this.#threadId;
    if (known !== null && this.#loadedIn === session) return { session, threadId: known };
    const threadId =
      known === null
        ? await this.#start(session, options)
        : await this.#resume(session, known, options);
    this.#loadedIn = session;
    return { session, threadId };
  }

  async #start(session: AppServerSession, options: ThreadOptions): Promise<string> {
    const { thread } = await session.request('thread/start', threadStart(options));
    this.#threadId = thread.id;
    this.#metadata = ThreadMetadata.fromJson(thread);
    this.#props.registry.add(thread.id, this);
    this.#listen(session, thread.id);
    return thread.id;
  }

  async #resume(
    session: AppServerSession,
    threadId: string,
    options: ThreadOptions,
  ): Promise<string> {
    this.#listen(session, threadId);
    try {
      const { thread } = await session.request('thread/resume', threadResume(threadId, options));
      this.#metadata = ThreadMetadata.fromJson(thread);
      await this.#checkTail(session, this.#metadata);
      return threadId;
    } catch (error) {
      this.#unsubscribe();
      if (!RequestError.is(error)) throw error;
      throw new ResumeRejectedError(threadId, refusal(error), error);
    }
  }

  /** Judges the tail once more, now that the writer lock is ours and nobody can move it. */
  async #checkTail(session: AppServerSession, metadata: ThreadMetadata): Promise<void> {
    const { threadId } = metadata;
    if (this.#continuation === null) return;
    const page = await session.request('thread/turns/list', {
      threadId,
      limit: 20,
      itemsView: 'notLoaded',
    });
    const verdict = judgeTail(metadata, this.#continuation, page.data);
    if (verdict.accepted) return;
    await session.request('thread/unsubscribe', { threadId });
    throw new ResumeRejectedError(threadId, verdict);
  }

  #listen(session: AppServerSession, threadId: string): void {
    this.#unsubscribe();
    this.#unsubscribe = session.onThread(threadId, (notification) => {
      this.#accept(notification);
    });
  }

  #begin(active: ActiveTurn, turnId: string): void {
    if (active.run.turnId !== null) return;
    const { threadId, isNewThread, run } = active;
    this.#continuation = ContinuationToken.issue(
      { threadId, turnId },
      this.#props.continuationSecret,
    );
    run.begin({
      threadId,
      turnId,
      isNewThread,
      redactor: this.#props.redactor,
      usageBefore: this.#usage ?? (isNewThread ? breakdown({}) : null),
      continuation: this.#continuation,
    });
    if (active.isStopping) void this.#sendInterrupt(active);
  }

  #accept(notification: ServerNotification): void {
    const active = this.#active;
    if (active !== null) {
      const turnId = turnOf(notification);
      // The notification may overtake the response to turn/start.
      if (notification.method === 'turn/started' && turnId !== null) this.#begin(active, turnId);
      if (turnId !== null && turnId === active.run.turnId) active.run.accept(notification);
    }
    if (notification.method === 'thread/tokenUsage/updated')
      this.#usage = breakdown(notification.params.tokenUsage.total);
    if (notification.method === 'thread/closed') this.#loadedIn = null;
  }

  async #sendInterrupt({ run, session, threadId }: ActiveTurn): Promise<void> {
    const { turnId } = run;
    if (turnId === null || run.isOver) return;
    try {
      await session.request('turn/interrupt', { threadId, turnId });
    } catch (error) {
      // The turn was over first: its completion is on the way.
      if (!RequestError.is(error)) run.fail(error);
    }
  }
}

interface ActiveTurn {
  readonly run: TurnRun;
  readonly session: AppServerSession;
  readonly threadId: string;
  readonly isNewThread: boolean;
  isStopping: boolean;
}

/** Asked again after an `await`, where the compiler believes it knows. */
function hasEnded(run: TurnRun): boolean {
  return run.isOver;
}

/** The turn a notification belongs to, or null when it belongs to none. */
function turnOf(notification: ServerNotification): string | null {
  const params = notification.params as { turnId?: unknown; turn?: { id?: unknown } } | undefined;
  const id = params?.turnId ?? params?.turn?.id;
  return typeof id === 'string' ? id : null;
}
