import { CodexError, TransportError } from '../errors.js';
import { requireEnvironments } from '../isolation/environments.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { onAbort } from '../on-abort.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { ServerNotification, ThreadGoal } from '../protocol/index.js';
import { ReaderQueue } from '../reader-queue.js';
import { pause } from '../pause.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { Exchange } from '../turn/exchange.js';
import type {
  GoalDriver,
  GoalEvent,
  GoalOptions,
  GoalOutcome,
  GoalResult,
  GoalState,
} from '../turn/goal.js';
import { nothingToStop, type StopReport } from '../turn/stop-report.js';
import { TurnClock } from '../turn/turn-clock.js';
import type { TurnInput } from '../turn/turn-input.js';
import { TurnInterruptedError } from '../turn/turn-interrupted-error.js';
import type { TurnResult } from '../turn/turn-result.js';
import { TurnRun } from '../turn/turn-run.js';
import type { SteerOutcome } from '../turn/turn.js';
import { GoalLedger } from './goal-ledger.js';
import { decidedMs, type Pursuit } from './goal-pause.js';
import type { LiveThread } from './live-thread.js';
import type { TurnSender } from './turn-sender.js';

/** Properties of a {@link GoalRun}. */
export interface GoalRunProps {
  readonly objective: string;
  readonly options: GoalOptions;
  readonly threadOptions: ThreadOptions;
  readonly thread: LiveThread;
  readonly turns: TurnSender;
  /** Rejects if no turn can run because there is no account. */
  readonly beforeTurn: (session: LoadedThread['session']) => Promise<void>;
}

/** The state of a `Goal`: sets it, follows the turns that codex-rs begins for it, and enforces its limits. */
export class GoalRun implements GoalDriver, Pursuit {
  readonly outcome: Promise<GoalResult>;
  readonly #props: GoalRunProps;
  readonly #stream = new ReaderQueue<GoalEvent>();
  readonly #clock: TurnClock;
  readonly #ledger: GoalLedger;
  readonly #cleanup: (() => void)[] = [];
  #state: GoalState = 'pending';
  #goal: ThreadGoal | null = null;
  #loaded: LoadedThread | null = null;
  #exchange: Exchange | null = null;
  #pumped: Promise<void> = Promise.resolve();
  #setting: Promise<unknown> | null = null;
  #hasBegun = false;
  #isOver = false;
  #stopReason: (() => unknown) | null = null;
  #resolve: (result: GoalResult) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(props: GoalRunProps) {
    this.#props = props;
    this.#ledger = new GoalLedger(props.thread);
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A reader of the outcome gets the rejection.
    this.outcome.catch(() => undefined);
    const { totalMs } = props.options.timeouts ?? {};
    this.#clock = new TurnClock(totalMs === undefined ? {} : { totalMs }, this.#expire);
  }

  get state(): GoalState {
    return this.#state;
  }

  get turnId(): string | null {
    return this.#exchange?.run.turnId ?? null;
  }

  get turns(): readonly TurnResult[] {
    return this.#ledger.results;
  }

  get exchange(): Exchange | null {
    return this.#exchange;
  }

  get isOn(): boolean {
    return this.#exchange !== null || (this.#goal !== null && this.#props.thread.goal.isOn);
  }

  begin(): void {
    if (this.#hasBegun || this.#isOver) return;
    this.#hasBegun = true;
    const { signal } = this.#props.options;
    if (signal !== undefined)
      this.#cleanup.push(onAbort(signal, () => void this.#stop(() => signal.reason as unknown)));
    this.#start().catch(this.#fail);
  }

  async next(): Promise<IteratorResult<GoalEvent, void>> {
    return this.#stream.next();
  }

  discard(): void {
    this.#stream.discard();
  }

  async steer(input: TurnInput): Promise<SteerOutcome> {
    const run = this.#exchange?.run;
    return run === undefined ? { status: 'turnEnded' } : this.#props.turns.steer(run, input);
  }

  async set(status: 'active' | 'paused'): Promise<void> {
    const loaded = this.#loaded;
    if (loaded === null || this.#isOver)
      throw new CodexError(
        this.#isOver
          ? 'The goal has ended: call pursue() again.'
          : 'The goal has not started yet: read its events or await its result first.',
        { code: this.#isOver ? 'goal-ended' : 'turn-not-started' },
      );
    await this.#props.thread.goal.set(await this.#usable(loaded), status);
  }

  async interrupt(): Promise<StopReport> {
    return this.#stop(() => this.#ledger.interruption());
  }

  accept(notification: ServerNotification): void {
    const { method, params } = notification;
    if (method === 'thread/goal/updated') this.#update(params.goal, params.turnId);
    else if (method === 'thread/goal/cleared') this.#update(null, null);
    else if (method === 'turn/started' && this.#goal !== null) this.#follow(params.turn.id);
    this.#exchange?.accept(notification);
  }

  async #start(): Promise<void> {
    const { thread, objective, options, beforeTurn } = this.#props;
    const { ackMs: timeoutMs } = options.timeouts ?? {};
    await thread.exclusively(async (loaded) => {
      if (this.#isOver) return;
      this.#clock.open();
      const { session, threadId } = loaded;
      await beforeTurn(session);
      await requireEnvironments(session, this.#props.threadOptions);
      this.#cleanup.push(thread.follow(this));
      const hold = session.hold();
      this.#cleanup.push(
        () => {
          hold[Symbol.dispose]();
        },
        session.onClose((error) => {
          // A running turn reports the loss itself.
          if (this.#exchange === null) this.#fail(error);
        }),
      );
      this.#loaded = loaded;
      const { tokenBudget = null } = options;
      this.#setting = session.request(
        'thread/goal/set',
        { threadId, objective, status: 'active', origin: 'user', tokenBudget },
        timeoutMs === undefined ? {} : { timeoutMs },
      );
      await this.#setting;
    });
  }

  /** The thread may have been unloaded while the goal was paused. */
  async #usable(loaded: LoadedThread): Promise<LoadedThread> {
    if (loaded.isUsable) return loaded;
    await this.#props.thread.open();
    return (this.#loaded = this.#props.thread.loaded ?? loaded);
  }

  #update(goal: ThreadGoal | null, turnId: string | null): void {
    const { objective } = this.#props;
    // An existing goal is replaced.
    if (this.#isOver || (this.#goal === null && goal?.objective !== objective)) return;
    const wasPaused = this.#state === 'paused';
    this.#goal = goal;
    this.#state = goal?.status ?? 'cleared';
    if (wasPaused !== (this.#state === 'paused')) {
      if (wasPaused) this.#clock.resume();
      else this.#clock.pause();
    }
    this.#pumped = this.#pumped.then(() => {
      this.#stream.push({ type: 'goal.updated', turnId, goal });
    });
    if (goal !== null || this.#exchange !== null) this.#finishIfEnded();
    // Between two turns codex-rs may already have decided to begin the next one.
    else
      void pause(decidedMs).then(() => {
        this.#finishIfEnded();
      });
  }

  #follow(turnId: string): void {
    const { turns, options, threadOptions } = this.#props;
    const loaded = this.#props.thread.loaded;
    if (this.#isOver || loaded === null) return;
    const { approvals, timeouts = {} } = options;
    const run = new TurnRun([], approvals === undefined ? {} : { approvals }, threadOptions);
    const { firstProgressMs, idleMs } = timeouts;
    const limits = {
      ...(firstProgressMs === undefined ? {} : { firstProgressMs }),
      ...(idleMs === undefined ? {} : { idleMs }),
    };
    const clock = new TurnClock(limits, this.#expire, this.#clock);
    this.#loaded = loaded;
    this.#ledger.open(run, turnId);
    const exchange = (this.#exchange = turns.conduct(run, loaded, clock));
    run.onSpent(() => {
      this.#checkBudget(run);
    });
    this.#pumped = this.#pumped.then(async () => this.#pump(run, turnId));
    void exchange.conduct(turnId).catch(this.#fail);
    void this.#conclude(exchange, clock);
  }

  async #conclude(exchange: Exchange, clock: TurnClock): Promise<void> {
    const { run } = exchange;
    try {
      const result = (await run.outcome) as TurnResult;
      this.#ledger.complete(result);
      this.#finishTurn(exchange, clock);
      this.#finishIfEnded();
    } catch (error) {
      this.#finishTurn(exchange, clock);
      // codex-rs keeps a goal active after its turn was interrupted, and continues it after the next turn.
      if (this.#stopReason === null) await this.#pauseForGood();
      this.#fail(this.#stopReason?.() ?? error);
    }
  }

  #finishTurn(exchange: Exchange, clock: TurnClock): void {
    clock.stop();
    this.#ledger.close(exchange.run);
    // The next turn may have begun.
    if (this.#exchange === exchange) this.#exchange = null;
  }

  #finishIfEnded(): void {
    const status = this.#goal?.status ?? 'cleared';
    if (this.#exchange !== null || status === 'active' || status === 'paused') return;
    const { thread, objective } = this.#props;
    const { results: turns, usage } = this.#ledger;
    const outcome: GoalOutcome = status;
    const result = Object.freeze({
      threadId: thread.threadId ?? '',
      objective,
      outcome,
      finalResponse: turns.at(-1)?.finalResponse ?? null,
      turns,
      usage,
      continuation: thread.continuation,
    });
    this.#end(() => {
      this.#resolve(result);
    });
  }

  async #pump(run: TurnRun, turnId: string): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await run.stream.next();
        if (done === true) return;
        this.#stream.push({ ...value, turnId });
      }
    } catch {
      // The outcome of the turn carries the error.
    }
  }

  #checkBudget(run: TurnRun): void {
    const excess = this.#ledger.excess(this.#props.options.budget, run);
    if (excess !== null && this.#stopReason === null)
      void this.#stop(() => this.#ledger.overspending(excess, run));
  }

  readonly #expire = (budget: 'firstProgressMs' | 'idleMs' | 'totalMs', limitMs: number): void => {
    const lastEvent = this.#exchange?.lastEvent ?? null;
    void this.#stop(() => this.#ledger.timeout({ budget, limitMs, lastEvent }));
  };

  async #stop(reason: () => unknown): Promise<StopReport> {
    if (this.#isOver) return nothingToStop;
    this.#stopReason ??= reason;
    // Otherwise its first turn would begin after the stop.
    await this.#setting?.catch(() => undefined);
    const [report = nothingToStop] = await Promise.all([
      this.#exchange?.stop(),
      this.#pauseForGood(),
    ]);
    // codex-rs had decided to begin another one.
    await this.#exchange?.stop();
    this.#fail(this.#stopReason());
    return report;
  }

  async #pauseForGood(): Promise<void> {
    const loaded = this.#loaded;
    const { goal } = this.#props.thread;
    // Immediately after the request, codex-rs has not reported the goal yet.
    const isOn = this.#state === 'pending' ? this.#setting !== null : goal.isOn;
    if (!isOn || loaded?.isUsable !== true) return;
    await goal.set(loaded, 'paused').catch((error: unknown) => {
      if (!TransportError.is(error)) reportProblem(loaded.threadId, 'goal', error);
    });
  }

  readonly #fail = (error: unknown): void => {
    this.#end(
      () => {
        this.#state = TurnInterruptedError.is(error) ? 'interrupted' : 'failed';
        this.#reject(error);
      },
      TurnInterruptedError.is(error) ? {} : { error },
    );
  };

  #end(settle: () => void, end: { readonly error?: unknown } = {}): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#clock.stop();
    for (const clean of this.#cleanup.splice(0)) clean();
    settle();
    void this.#pumped.then(() => {
      this.#stream.end(end);
    });
  }
}
