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

/** What an {@link Exchange} is made of. */
export interface ExchangeProps {
  readonly run: TurnRun;
  readonly thread: LoadedThread;
  /** The options the turn runs with. */
  readonly options: ThreadOptions;
  /** The tools it calls. */
  readonly tools: ThreadTools;
  /** Its time budgets. */
  readonly clock: TurnClock;
  /** What the turn leaves to be done; null for a turn of somebody else. */
  readonly postTurn: PostTurnWork | null;
  /** Called once, when codex-rs has accepted the turn: begins the run. */
  readonly begin: (turnId: string) => void;
  /** Replaces the process, or the connection, when it does not answer. */
  readonly recycle: (reason: string) => Promise<void>;
  /** Finds the turn again when its connection is lost; null where the server ends with the connection. */
  readonly reconnection: Reconnection | null;
}

/** One turn on the wire: sent once, fed with its notifications, watched by its clock, stopped when asked. */
export class Exchange {
  /** The turn it carries. */
  readonly run: TurnRun;
  /** The options the turn runs with. */
  readonly options: ThreadOptions;
  /** The tools it calls. */
  readonly tools: ThreadTools;
  /** What codex-rs has asked for it. */
  readonly asked = new AskedOnce();
  readonly #props: ExchangeProps;
  readonly #subagents: SubagentThreads;
  readonly #connection: TurnConnection;
  readonly #conflict: TurnConflict;
  /** Finds the turn again after its connection was lost; null where the server ends with the connection. */
  readonly #recovery: TurnRecovery | null;
  /** The first notification of the turn arrived, or the turn ended. */
  readonly #started = new Deferred();
  /** How the turn ended is known, or will never be. */
  readonly #ended = new Deferred();
  /** Gives the acknowledgement up. */
  readonly #unacknowledged = new AbortController();
  #early: ServerNotification[] = [];
  #lastEvent: string | null = null;
  #isRefused = false;
  #isReplacing = false;
  /** Whether somebody else has started the turn. */
  #isForeign = false;
  /** Whether the turn ran before it was followed. */
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
   * @throws {@link RequestError} when codex-rs refused it
   * @throws {@link TransportError} when no acknowledgement came: nobody knows whether it runs
   */
  async perform(params: TurnStartParams): Promise<void> {
    await this.#carry(async () => this.#send(params));
  }

  /** Takes part in a turn that runs already, whoever started it; resolves when it is over. */
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

  /** Carries a turn that codex-rs begins now; resolves when it is over. */
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
      // What else may have happened there is found out when the thread is loaded again.
      if (this.#isJoined || this.#recovery?.wasNeeded === true) thread.close();
    }
  }

  /** Takes in a notification of the thread, which need not be one of this turn. */
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
    // Each may overtake the response to turn/start; until it is told which turn is ours, they are kept.
    else if (this.run.turnId === null && !this.run.isOver) this.#early.push(notification);
  }

  /** Does work that the turn waits for, such as a person's decision: the clock stands still meanwhile. */
  async waitingFor<T>(work: () => Promise<T>): Promise<T> {
    return this.#props.clock.pausedFor(work);
  }

  /** Whether a thread is that of a sub-agent of this turn. */
  includes(threadId: string): boolean {
    return this.#subagents.has(threadId);
  }

  /** Stops the turn; resolves when it is over, with its commands. Asked again, it joins the first stop. Never rejects. */
  async stop(): Promise<StopReport> {
    if (!this.#ended.isResolved) this.#stop ??= this.#runStop();
    // It does not run, and must not be sent again.
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
      // A turn that is over waits for no response: the thread's next turn would wait with it.
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
      // Refused: what has started was somebody else's. Else it is the acknowledgement, when no other one comes.
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

  /** Whether it shows the very message that this turn was started with, or the beginning of the review. */
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
    // What comes behind the end belongs to no turn, however long the end takes to be told.
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
      // codex-rs takes attachments from here on; right behind turn/start it would not find the thread.
      void this.#props.postTurn?.start();
      // From its first item on, nothing that codex-rs keeps for the next turn changes this one.
      if (method.startsWith('item/')) void this.#props.postTurn?.secure();
      this.run.accept(notification);
      this.#followAgentsIn(notification);
    }
  };

  /**
   * A result says that the thread is as it is to be found again: with its labels and its own settings. The end of a turn
   * that is being stopped says that its commands are gone.
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
    // Once its end has come, the turn is not lost with what is still done for its thread.
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
