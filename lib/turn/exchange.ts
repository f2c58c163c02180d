import { Deferred } from '../deferred.js';
import { RequestError, type TransportError } from '../errors.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { SubagentThreads } from '../loaded/subagent-threads.js';
import type { ServerNotification, Turn, TurnStartParams, UserInput } from '../protocol/index.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { text, decode } from '../wire/decode.js';
import { AskedOnce } from './asked-once.js';
import type { PostTurnWork } from './post-turn-work.js';
import type { Reconnection } from './reconnection.js';
import { isReviewStart, startReview } from './start-review.js';
import { steerTurn } from './steer-turn.js';
import { nothingToStop, type StopReport } from './stop-report.js';
import { stopTurn } from './stop-turn.js';
import type { ThreadTools } from './thread-tools.js';
import type { SteerOutcome } from './turn.js';
import type { TurnClock } from './turn-clock.js';
import { TurnConflict } from './turn-conflict.js';
import { TurnConnection } from './turn-connection.js';
import { TurnLostError } from './turn-lost-error.js';
import { completionsOf, inputIn, subagentsIn, turnOf } from './turn-notifications.js';
import { TurnRecovery } from './turn-recovery.js';
import type { TurnRun } from './turn-run.js';

/** Properties of an {@link Exchange}. */
export interface ExchangeProps {
  readonly run: TurnRun;
  readonly thread: LoadedThread;
  /** The options the turn runs with. */
  readonly options: ThreadOptions;
  /** The tools it calls. */
  readonly tools: ThreadTools;
  /** Its time budgets. */
  readonly clock: TurnClock;
  /** The work after the turn; null for a turn of another client. */
  readonly postTurn: PostTurnWork | null;
  /** Called once, when codex-rs has accepted the turn: begins the run. */
  readonly begin: (turnId: string) => void;
  /** Replaces the process or the connection if it does not respond. */
  readonly recycle: (reason: string) => Promise<void>;
  /** Finds the turn again when its connection is lost; null if the server ends with the connection. */
  readonly reconnection: Reconnection | null;
}

/** One turn on the wire: sends it once, processes its notifications, enforces its time limits and stops it on request. */
export class Exchange {
  /** The turn it carries. */
  readonly run: TurnRun;
  /** The options the turn runs with. */
  readonly options: ThreadOptions;
  /** The tools it calls. */
  readonly tools: ThreadTools;
  /** The requests of codex-rs for it. */
  readonly asked = new AskedOnce();
  readonly #props: ExchangeProps;
  readonly #subagents: SubagentThreads;
  readonly #connection: TurnConnection;
  readonly #conflict: TurnConflict;
  /** Finds the turn again after its connection was lost; null if the server ends with the connection. */
  readonly #recovery: TurnRecovery | null;
  /** The first notification of the turn arrived, or the turn ended. */
  readonly #started = new Deferred();
  /** The turn's outcome is known, or will never be known. */
  readonly #ended = new Deferred();
  /** Stops waiting for the acknowledgement. */
  readonly #unacknowledged = new AbortController();
  #early: ServerNotification[] = [];
  #lastEvent: string | null = null;
  #isRefused = false;
  #isReplacing = false;
  /** Whether another client started the turn. */
  #isForeign = false;
  /** Whether the turn was already running when it was joined. */
  #isJoined = false;
  #stop: Promise<StopReport> | null = null;

  constructor(props: ExchangeProps) {
    this.#props = props;
    const { run, options, tools, thread, reconnection } = props;
    this.run = run;
    this.options = options;
    this.tools = tools;
    this.#conflict = new TurnConflict({ run, thread });
    this.#subagents = new SubagentThreads({
      threadId: thread.threadId,
      turnId: () => run.turnId,
      accept: (threadId, notification) => {
        run.acceptSubagent(threadId, notification);
        // A sub-agent may start others.
        this.#followAgentsIn(notification);
      },
    });
    this.#connection = new TurnConnection({ run, subagents: this.#subagents, lose: this.#lose });
    this.#recovery =
      reconnection &&
      new TurnRecovery({
        ...props,
        reconnection,
        acknowledge: this.#acknowledge,
        take: this.#take,
        connection: this.#connection,
        fail: this.#fail,
      });
  }

  /** The method of the turn's last notification, or null before the first one. */
  get lastEvent(): string | null {
    return this.#lastEvent;
  }

  /**
   * Sends the turn and resolves when it is over.
   *
   * @throws {@link RequestError} if codex-rs refused it
   * @throws {@link TransportError} if no acknowledgement came: whether the turn runs is unknown
   */
  async perform(params: TurnStartParams): Promise<void> {
    await this.#carry(async () => this.#send(params));
  }

  /** Joins a running turn of any client; resolves when it is over. */
  async follow({ id, items }: Turn): Promise<void> {
    const { run, thread } = this.#props;
    this.#isForeign = true;
    this.#isJoined = true;
    await this.#carry(async () => {
      this.#acknowledge(id);
      run.tear();
      this.#started.resolve();
      completionsOf(items, { threadId: thread.threadId, turnId: id }).forEach(this.#take);
      return Promise.resolve();
    });
  }

  /** Runs a turn that codex-rs begins now; resolves when it is over. */
  async conduct(turnId: string): Promise<void> {
    this.#isForeign = true;
    await this.#carry(async () => {
      this.#acknowledge(turnId);
      return Promise.resolve();
    });
  }

  async #carry(begin: () => Promise<void>): Promise<void> {
    const { run, thread } = this.#props;
    this.#connection.attach(thread.session);
    void run.settled.then(() => {
      this.#end();
    });
    try {
      await begin();
      await run.settled;
      await this.#stop;
    } catch (error) {
      this.#end();
      this.#isRefused = RequestError.is(error);
      if (this.#stop !== null && this.#isRefused) run.interrupt();
      await this.#stop;
      throw error;
    } finally {
      this.#connection.detach();
      this.#subagents.close();
      // Loading the thread again finds other changes made there.
      if (this.#isJoined || this.#recovery?.wasNeeded === true) thread.close();
    }
  }

  /** Accepts a notification of the thread, possibly of another turn. */
  accept(notification: ServerNotification): void {
    const turnId = turnOf(notification);
    if (turnId === null) return;
    if (this.run.review !== null && notification.method === 'turn/started') {
      this.run.reviewerTurnId = turnId;
      this.#started.resolve();
    }
    if (this.#carriesInput(notification)) this.#acknowledge(turnId);
    if (this.#recovery?.keep(notification) === true) return;
    if (this.run.turnId === turnId) this.#take(notification);
    // Notifications may arrive before the response to turn/start; they are kept until the id of this turn is known.
    else if (this.run.turnId === null && !this.run.isOver) this.#early.push(notification);
  }

  /** Runs work that the turn waits for, such as a person's decision, with the clock paused. */
  async waitingFor<T>(work: () => Promise<T>): Promise<T> {
    return this.#props.clock.pausedFor(work);
  }

  /** Whether the thread belongs to a sub-agent of this turn. */
  includes(threadId: string): boolean {
    return this.#subagents.has(threadId);
  }

  /** Stops the turn; resolves when the turn and its commands have ended. A repeated call joins the first one. Never rejects. */
  async stop(): Promise<StopReport> {
    if (!this.#ended.isResolved) this.#stop ??= this.#runStop();
    // It is not running and must not be sent again.
    else if (this.#isRefused) this.run.interrupt();
    const report = await this.#stop;
    await this.run.settled;
    return report ?? nothingToStop;
  }

  /** Adds input to the turn. */
  async steer(input: UserInput[]): Promise<SteerOutcome> {
    return steerTurn(this.run, this.#props.thread, input);
  }

  async #runStop(): Promise<StopReport> {
    const { run, thread, recycle, reconnection } = this.#props;
    return stopTurn({
      run,
      thread,
      started: this.#started,
      ended: this.#ended,
      recovery: this.#recovery,
      unacknowledged: this.#unacknowledged,
      recycle: async (reason, mute) => {
        this.#isReplacing = true;
        if (reconnection !== null) this.#fail(mute);
        await recycle(reason);
      },
    });
  }

  async #send(params: TurnStartParams): Promise<void> {
    const { session } = this.#props.thread;
    const { timeouts } = this.run.options;
    try {
      // A completed turn does not wait for a response: that would delay the thread's next turn.
      const limits = {
        signal: AbortSignal.any([this.run.over, this.#unacknowledged.signal]),
        ...(timeouts?.ackMs === undefined ? {} : { timeoutMs: timeouts.ackMs }),
      };
      const { review } = this.run;
      const { turn } =
        review === null
          ? await session.request('turn/start', params, limits)
          : await startReview(session, params, review, limits);
      this.#acknowledge(decode('turn/start', () => text(turn.id), session));
    } catch (error) {
      const started = this.#early.find((each) =>
        this.run.review === null ? each.method === 'turn/started' : isReviewStart(each),
      );
      const turnId = started === undefined ? null : turnOf(started);
      // If refused, the started turn belongs to another client. Otherwise `turn/started` is the acknowledgement if no
      // response comes.
      if (turnId !== null && !RequestError.is(error)) this.#acknowledge(turnId);
      const { closeReason } = session;
      if (this.run.turnId === null && closeReason !== null) await this.#recovery?.seek(closeReason);
      if (this.run.turnId === null) throw error;
      if (closeReason !== null) this.#lose(closeReason);
    }
  }

  #followAgentsIn(notification: ServerNotification): void {
    for (const threadId of subagentsIn(notification)) this.#subagents.follow(threadId);
  }

  /** Whether it contains the message that started this turn, or the start of the review. */
  #carriesInput(notification: ServerNotification): boolean {
    if (this.run.review !== null) return isReviewStart(notification);
    return inputIn(notification) === this.run.clientMessageId;
  }

  readonly #acknowledge = (turnId: string): void => {
    if (this.run.turnId !== null || this.run.isOver) return;
    this.#props.begin(turnId);
    this.#props.thread.notices.begin(this.run);
    this.#props.clock.start();
    const early = this.#early;
    this.#early = [];
    for (const notification of early) if (turnOf(notification) === turnId) this.#take(notification);
  };

  readonly #take = (notification: ServerNotification): void => {
    // Notifications after the end do not belong to a turn, even if the end is reported late.
    if (this.#ended.isResolved) return;
    const { method } = notification;
    this.#lastEvent = method;
    if (!this.#isForeign && this.#conflict.isShownBy(notification)) return;
    // A review can be interrupted once its reviewer has started.
    if (this.run.review === null) this.#started.resolve();
    if (method !== 'turn/started' && !this.#carriesInput(notification))
      this.#props.clock.progress();
    if (method === 'turn/completed') void this.#settle(notification);
    else {
      // codex-rs accepts attachments from here on; immediately after turn/start it does not find the thread.
      void this.#props.postTurn?.start();
      // After the first item, settings that codex-rs keeps for the next turn do not affect this one.
      if (method.startsWith('item/')) void this.#props.postTurn?.secure();
      this.run.accept(notification);
      this.#followAgentsIn(notification);
    }
  };

  /**
   * When the result resolves, the thread has its labels and its own settings again. When a stopped turn ends, its commands
   * have ended too.
   */
  async #settle(completion: ServerNotification): Promise<void> {
    this.#end();
    this.#props.clock.stop();
    await this.#props.postTurn?.settle();
    await this.#stop;
    this.run.accept(completion);
  }

  #end(): void {
    this.#started.resolve();
    this.#ended.resolve();
  }

  readonly #lose = (cause: TransportError): void => {
    // Once its end has arrived, a failure of later work does not lose the turn.
    if (this.run.turnId === null || this.#isReplacing || this.#ended.isResolved) return;
    if (this.#recovery === null || !cause.retryable) this.#fail(cause);
    else this.#recovery.begin(cause);
  };

  readonly #fail = (cause: TransportError): void => {
    const { threadId } = this.#props.thread;
    const { turnId, items } = this.run;
    if (turnId !== null) this.run.fail(new TurnLostError({ threadId, turnId, items, cause }));
  };
}
