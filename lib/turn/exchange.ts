import { Deferred } from '../deferred.js';
import type { TransportError } from '../errors.js';
import { RequestError } from '../errors.js';
import type {
  RequestId,
  ServerNotification,
  Turn,
  TurnStartParams,
  UserInput,
} from '../protocol/index.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { nothingToStop, type StopReport } from './stop-report.js';
import type { SteerOutcome } from './turn.js';
import type { TurnClock } from './turn-clock.js';
import { TurnConflictError } from './turn-conflict-error.js';
import { TurnLostError } from './turn-lost-error.js';
import type { TurnRun } from './turn-run.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import type { ThreadTools } from './thread-tools.js';
import type { PostTurnWork } from './post-turn-work.js';
import { AskedOnce } from './asked-once.js';
import type { Reconnection } from './reconnection.js';
import { carriesForeignInput, subagentsIn, turnOf } from './turn-notifications.js';
import { TurnRecovery } from './turn-recovery.js';
import { stopTurn } from './stop-turn.js';
import { SubagentThreads } from '../loaded/subagent-threads.js';
import { meaningOf } from '../wire/refusal-meaning.js';
import { text, decode } from '../wire/decode.js';

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
  readonly #props: ExchangeProps;
  readonly #subagents: SubagentThreads;
  readonly #asked = new AskedOnce();
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
  #hasOwnInput = false;
  #stop: Promise<StopReport> | null = null;
  #detach: () => void = () => undefined;

  constructor(props: ExchangeProps) {
    this.#props = props;
    const { run, thread, reconnection } = props;
    this.#recovery =
      reconnection === null
        ? null
        : new TurnRecovery({
            ...props,
            reconnection,
            acknowledge: (turnId) => {
              this.#acknowledge(turnId);
            },
            take: (notification) => {
              this.#take(notification);
            },
            attach: () => {
              this.#attach();
            },
            fail: (cause) => {
              this.#fail(cause);
            },
          });
    this.#subagents = new SubagentThreads({
      threadId: thread.threadId,
      turnId: () => run.turnId,
      accept: (threadId, notification) => {
        run.acceptSubagent(threadId, notification);
      },
    });
  }

  /** The options the turn runs with. */
  get options(): ThreadOptions {
    return this.#props.options;
  }

  /** The tools it calls. */
  get tools(): ThreadTools {
    return this.#props.tools;
  }

  /** The turn it carries. */
  get run(): TurnRun {
    return this.#props.run;
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
    await this.#carry(async () => {
      this.#acknowledge(id);
      run.tear();
      this.#started.resolve();
      for (const item of items)
        this.#take({
          method: 'item/completed',
          params: { item, threadId: thread.threadId, turnId: id, completedAtMs: 0 },
        });
      return Promise.resolve();
    });
  }

  async #carry(begin: () => Promise<void>): Promise<void> {
    const { run, thread } = this.#props;
    this.#attach();
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
      this.#detach();
      this.#subagents.close();
      // What else may have happened there is found out when the thread is loaded again.
      if (this.#isForeign || this.#recovery?.wasNeeded === true) thread.close();
    }
  }

  /** Takes in a notification of the thread, which need not be one of this turn. */
  accept(notification: ServerNotification): void {
    const turnId = turnOf(notification);
    if (turnId === null) return;
    if (this.#carriesInput(notification)) this.#acknowledge(turnId);
    if (this.#recovery?.keep(notification) === true) return;
    if (this.run.turnId === turnId) this.#take(notification);
    // Each may overtake the response to turn/start; until it is told which turn is ours, they are kept.
    else if (this.run.turnId === null && !this.run.isOver) this.#early.push(notification);
  }

  /** Answers what codex-rs asks. A question that it asks again over another connection is the same one. */
  async answer<T>(
    id: RequestId,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.#asked.answer(id, signal, work);
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
    const { turnId } = this.run;
    const { session, threadId } = this.#props.thread;
    if (this.run.isOver || turnId === null) return { status: 'turnEnded' };
    try {
      await session.request('turn/steer', { threadId, expectedTurnId: turnId, input });
      return { status: 'steered' };
    } catch (error) {
      if (!RequestError.is(error)) return { status: 'unknown', cause: error };
      if (meaningOf(error) === 'no-active-turn') return { status: 'turnEnded' };
      throw error;
    }
  }

  async #runStop(): Promise<StopReport> {
    const { run, thread, recycle, reconnection } = this.#props;
    return stopTurn({
      run,
      thread,
      started: this.#started,
      ended: this.#ended,
      recovery: this.#recovery,
      abandon: (reason) => {
        this.#unacknowledged.abort(reason);
      },
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
      const { turn } = await session.request('turn/start', params, {
        signal: AbortSignal.any([this.run.over, this.#unacknowledged.signal]),
        ...(timeouts?.ackMs === undefined ? {} : { timeoutMs: timeouts.ackMs }),
      });
      this.#acknowledge(decode('turn/start', () => text(turn.id), session));
    } catch (error) {
      const started = this.#early.find(({ method }) => method === 'turn/started');
      const turnId = started === undefined ? null : turnOf(started);
      // Refused: what has started was somebody else's. Else it is the acknowledgement, when no other one comes.
      if (turnId !== null && !RequestError.is(error)) this.#acknowledge(turnId);
      const { closeReason } = session;
      if (this.run.turnId === null && closeReason !== null) await this.#recovery?.seek(closeReason);
      if (this.run.turnId === null) throw error;
      if (closeReason !== null) this.#lose(closeReason);
    }
  }

  /** Another client may have started a turn at the same time: codex-rs takes the later input as one that steers it. */
  #isInAnothersTurn(notification: ServerNotification): boolean {
    if (this.#isForeign || this.#hasOwnInput) return false;
    this.#hasOwnInput = this.#carriesInput(notification);
    const { run, thread } = this.#props;
    const { turnId } = run;
    if (turnId === null || !carriesForeignInput(notification, run.clientMessageId)) return false;
    run.fail(new TurnConflictError({ threadId: thread.threadId, turnId }));
    return true;
  }

  /** Whether it shows the very message that this turn was started with. */
  #carriesInput({ method, params }: ServerNotification): boolean {
    if (method !== 'item/started' && method !== 'item/completed') return false;
    const { item } = params;
    return item.type === 'userMessage' && item.clientId === this.run.clientMessageId;
  }

  #acknowledge(turnId: string): void {
    if (this.run.turnId !== null || this.run.isOver) return;
    this.#props.begin(turnId);
    this.#props.thread.notices.begin(this.run);
    this.#props.clock.start();
    const early = this.#early;
    this.#early = [];
    for (const notification of early) if (turnOf(notification) === turnId) this.#take(notification);
  }

  #take(notification: ServerNotification): void {
    // What comes behind the end belongs to no turn, however long the end takes to be told.
    if (this.#ended.isResolved) return;
    const { method } = notification;
    this.#lastEvent = method;
    if (this.#isInAnothersTurn(notification)) return;
    this.#started.resolve();
    if (method !== 'turn/started' && !this.#carriesInput(notification))
      this.#props.clock.progress();
    if (method === 'turn/completed') void this.#settle(notification);
    else {
      // codex-rs takes attachments from here on; right behind turn/start it would not find the thread.
      void this.#props.postTurn?.start();
      // From its first item on, nothing that codex-rs keeps for the next turn changes this one.
      if (method.startsWith('item/')) void this.#props.postTurn?.secure();
      this.run.accept(notification);
      for (const threadId of subagentsIn(notification)) this.#subagents.follow(threadId);
    }
  }

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

  #lose(cause: TransportError): void {
    // Once its end has come, the turn is not lost with what is still done for its thread.
    if (this.run.turnId === null || this.#isReplacing || this.#ended.isResolved) return;
    if (this.#recovery === null || !cause.retryable) this.#fail(cause);
    else this.#recovery.begin(cause);
  }

  /** Listens to the connection that the thread is used over now. */
  #attach(): void {
    const { run, thread } = this.#props;
    this.#detach();
    const { session } = thread;
    const hold = session.hold();
    const forgetLimits = session.onNotification(({ method, params }) => {
      if (method === 'account/rateLimits/updated') run.acceptLimits(params.rateLimits);
    });
    this.#subagents.listen(session);
    let forgetClose = (): void => undefined;
    this.#detach = () => {
      forgetClose();
      forgetLimits();
      hold[Symbol.dispose]();
    };
    // Last: a connection that is lost already says so at once.
    forgetClose = session.onClose((error) => {
      this.#lose(error);
    });
  }

  #fail(cause: TransportError): void {
    const { threadId } = this.#props.thread;
    const { turnId, items } = this.run;
    if (turnId !== null) this.run.fail(new TurnLostError({ threadId, turnId, items, cause }));
  }
}
