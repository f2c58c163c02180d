import type { AppServer } from '../wire/app-server.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { RequestError } from '../errors.js';
import type { UserInput } from '../protocol/index.js';
import type { ContinuationToken } from '../record/continuation-token.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { isShared } from '../options/contradictions.js';
import type { Redactor } from '../redaction.js';
import type { CodexOptions } from '../options/codex-options.js';
import { Exchange } from '../turn/exchange.js';
import { reconnectionTo } from '../turn/reconnection.js';
import type { PostTurnWork } from '../turn/post-turn-work.js';
import { sendableInput } from '../turn/sendable-input.js';
import { nothingToStop, type StopReport } from '../turn/stop-report.js';
import { Turn, type SteerOutcome, type TurnDriver } from '../turn/turn.js';
import { TurnClock } from '../turn/turn-clock.js';
import type { TurnOptions } from '../turn/turn-options.js';
import { checkDirectories } from '../turn/turn-directories.js';
import { wireInput, type TurnInput } from '../turn/turn-input.js';
import { TurnLimits } from '../turn/turn-limits.js';
import { isDisconnected, isUnloaded, resendLimit } from '../turn/turn-refusal.js';
import { TurnRun } from '../turn/turn-run.js';
import { prepared, described, type TurnSending } from '../turn/turn-sending.js';
import { untilServersStarted } from '../turn/until-servers-started.js';
import { breakdown, type TurnUsage } from '../turn/usage.js';
import { KeyedTurn } from './keyed-turn.js';
import type { LiveThread } from './live-thread.js';
import type { RunningTurn } from './running-turn.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { pause } from '../pause.js';

/** The first pause before another connection attempt for a turn, in milliseconds; it doubles each time. */
const firstPauseMs = 100;

/** Properties of a {@link TurnSender}. */
export interface TurnSenderProps {
  readonly thread: LiveThread;
  readonly appServer: AppServer;
  /** The options of the client. */
  readonly client: CodexOptions;
  /** Hides the client's secrets in errors. */
  readonly redactor: Redactor;
  /** The remedy for a failure caused by a variable withheld from codex-rs; null for any other failure. */
  readonly explain?: (failure: string) => string | null;
  /** The sender that runs the first turn instead if another thread began with its key; null to run it here. */
  readonly claim: (run: TurnRun) => Promise<TurnSender | null>;
  /** Rejects if no turn can run because there is no account. */
  readonly beforeTurn: (session: AppServerSession) => Promise<void>;
}

/**
 * Runs the turns of one thread sequentially: codex-rs would treat a second `turn/start` as a steer of the running turn.
 */
export class TurnSender implements TurnDriver {
  readonly #props: TurnSenderProps;
  readonly #thread: LiveThread;
  /** Its replacement. */
  #successor: TurnSender | null = null;

  constructor(props: TurnSenderProps) {
    this.#props = props;
    this.#thread = props.thread;
  }

  enqueue(run: TurnRun): void {
    if (this.#successor !== null) {
      this.#successor.enqueue(run);
      return;
    }
    const { threadId, isBusy, queue } = this.#thread;
    queue.addTurn(run, {
      threadId,
      isBusy,
      perform: async () => this.#perform(run),
      interrupt: () => void this.interrupt(run),
    });
  }

  async steer(run: TurnRun, input: TurnInput): Promise<SteerOutcome> {
    if (this.#successor !== null) return this.#successor.steer(run, input);
    const parts = await this.#sendable(run, wireInput(input));
    return this.#exchangeOf(run)?.steer(parts) ?? { status: 'turnEnded' };
  }

  async interrupt(run: TurnRun): Promise<StopReport> {
    if (this.#successor !== null) return this.#successor.interrupt(run);
    const exchange = this.#exchangeOf(run);
    if (exchange !== null) return exchange.stop();
    run.interrupt();
    return nothingToStop;
  }

  /** The running turn of the thread, started by any client, after the tasks that already wait; null if no turn runs. */
  async attach(options: ThreadOptions, turnOptions: TurnOptions): Promise<Turn | null> {
    const { exchange, queue, loaded } = this.#thread;
    if (exchange !== null) return new Turn(exchange.run, this);
    return new Promise((resolve, reject) => {
      const follow = async (): Promise<void> => {
        const running = await this.#thread.running();
        if (running === null) resolve(null);
        else {
          const run = new TurnRun([], turnOptions, options);
          const clock = new TurnClock({}, () => undefined);
          await this.#follow(running, { run, clock }, () => {
            resolve(this.#attached(run));
          });
        }
      };
      // The tasks that wait for the thread wait for this turn.
      const work = loaded?.activity.isActive === true ? follow() : queue.add(follow);
      work.catch(reject);
    });
  }

  /** A turn that another client may have started. */
  #attached(run: TurnRun): Turn {
    run.origin = 'attached';
    return new Turn(run, {
      enqueue: () => undefined,
      steer: async (...args) => this.steer(...args),
      interrupt: async (given) => this.interrupt(given),
      // The turn does not belong to this reader.
      leave: async () => Promise.resolve(),
    });
  }

  async #follow(
    { thread, turn }: RunningTurn,
    { run, clock }: { readonly run: TurnRun; readonly clock: TurnClock },
    began: () => void = () => undefined,
  ): Promise<void> {
    const { appServer, client } = this.#props;
    const exchange = new Exchange({
      run,
      thread,
      options: run.threadOptions,
      clock,
      tools: this.#thread.description.tools,
      postTurn: null,
      begin: (turnId) => {
        this.#adopt(run, thread, this.#thread.advance(thread.threadId, turnId, null));
        began();
      },
      recycle: async (reason) => appServer.recycle(reason),
      reconnection: reconnectionTo(appServer, client),
    });
    await this.#thread.carry(exchange, async () => exchange.follow(turn));
  }

  /** Begins a run with an existing turn and updates the token. */
  #adopt(
    run: TurnRun,
    { threadId, reported }: LoadedThread,
    continuation: ContinuationToken,
    usageBefore: TurnUsage | null = null,
  ): void {
    const { redactor, explain } = this.#props;
    const { model, modelProvider } = reported;
    run.begin({
      threadId,
      turnId: continuation.turnId ?? '',
      isNewThread: false,
      redactor,
      ...(explain === undefined ? {} : { explain }),
      usageBefore,
      continuation,
      labels: run.threadOptions.labels.toJSON(),
      model,
      modelProvider,
    });
  }

  /** Runs a turn that codex-rs begins on the thread on its own. */
  conduct(run: TurnRun, thread: LoadedThread, clock: TurnClock): Exchange {
    const { appServer } = this.#props;
    const { usage, description } = this.#thread;
    return new Exchange({
      run,
      thread,
      options: description.over(run.threadOptions),
      clock,
      tools: description.tools,
      postTurn: null,
      begin: (turnId) => {
        this.#adopt(run, thread, this.#thread.advance(thread.threadId, turnId, null), usage);
      },
      recycle: async (reason) => appServer.recycle(reason),
      // Turns that codex-rs begins without a connection would be missed.
      reconnection: null,
    });
  }

  #exchangeOf(run: TurnRun): Exchange | null {
    const { exchange } = this.#thread;
    return exchange?.run === run ? exchange : null;
  }

  async #perform(run: TurnRun): Promise<void> {
    if (run.isOver) return;
    const successor = isKeyed(run) && !this.#thread.hasRun ? await this.#props.claim(run) : null;
    if (successor !== null) {
      this.#successor = successor;
      successor.enqueue(run);
      return;
    }
    await TurnLimits.bound(
      {
        run,
        describe: () => ({
          threadId: this.#thread.threadId,
          lastEvent: this.#thread.exchange?.lastEvent ?? null,
        }),
        stop: () => void this.interrupt(run),
      },
      async (limits) => this.#sendWithin(limits, run),
    );
  }

  async #sendWithin(limits: TurnLimits, run: TurnRun): Promise<void> {
    const { appServer, client } = this.#props;
    const options = this.#thread.description.over(run.threadOptions);
    const outputSchema = await run.prepareOutput();
    const input = await limits.opening(async () => this.#sendable(run, run.input));
    const { threadId: threadIdBefore } = this.#thread;
    const { labelsToProvider } = client;
    const sending = { run, input, options, outputSchema, threadIdBefore, labelsToProvider };
    const keyed = isKeyed(run) ? this.#keyed(run, limits) : null;
    for (let refusals = 0; ; refusals += 1) {
      try {
        // Neither counts: the start of the process and the lookup of an earlier turn have their own limits.
        await limits.clock.pausedFor(async () => {
          await appServer.connect();
          await this.#thread.unsettled.settle();
        });
        if (await keyed?.isRunning()) return;
        const thread = await limits.opening(async () => this.#thread.ready(limits));
        if (await keyed?.isSettled(thread)) return;
        await checkDirectories(thread.session, options, this.#thread.defaultDirectory);
        if (await this.#send({ ...sending, thread }, limits)) return;
      } catch (error) {
        // The turn did not run: it may be sent again.
        if (refusals >= resendLimit(error)) throw error;
        if (isUnloaded(error)) this.#thread.loaded?.close();
        if (isDisconnected(error)) await pause(firstPauseMs * 2 ** refusals, run.over);
      }
    }
  }

  #keyed(run: TurnRun, { clock }: TurnLimits): KeyedTurn {
    const { appServer, client } = this.#props;
    return new KeyedTurn({
      run,
      thread: this.#thread,
      connect: async () => appServer.connect(),
      isShared: isShared(client),
      adopt: (...args) => {
        this.#adopt(run, ...args);
      },
      follow: async (running) => this.#follow(running, { run, clock }),
    });
  }

  async #sendable(run: TurnRun, input: readonly UserInput[]): Promise<UserInput[]> {
    const { description, defaultDirectory } = this.#thread;
    const options = description.over(run.threadOptions);
    const { appServer, client } = this.#props;
    const folder = options.workingDirectory ?? defaultDirectory?.path ?? undefined;
    return sendableInput(input, { appServer, client, options, folder });
  }

  /** Sends the turn and waits for its end; returns false if the thread must be loaded again first. */
  async #send(sending: TurnSending, limits: TurnLimits): Promise<boolean> {
    const { run, thread, options } = sending;
    const { client, appServer } = this.#props;
    const { description } = this.#thread;
    const [{ threadId }, { clock }] = [thread, limits];
    const parts = await limits.opening(async () => {
      await this.#props.beforeTurn(thread.session);
      const { continuation } = this.#thread;
      return prepared(sending, { client, description, isNew: continuation === null });
    });
    // Its own settings could not be restored; loading it again restores them.
    if (!thread.isUsable && thread.session.closeReason === null) return false;
    const { postTurn, params, tools } = parts;
    await limits.opening(async () => clock.pausedFor(async () => this.#thread.goal.hold(thread)));
    const wait = { run, client, options: description.options };
    await limits.opening(async () => untilServersStarted(thread, wait));
    if (run.isOver) return true;
    run.turnBefore = this.#thread.continuation?.turnId ?? null;
    run.telemetry.send(() => ({ threadId, ...described(sending) }));
    const exchange = new Exchange({
      run,
      thread,
      options,
      clock,
      postTurn,
      tools,
      begin: (turnId) => {
        this.#begin(sending, turnId, postTurn);
      },
      recycle: async (reason) => appServer.recycle(reason),
      reconnection: reconnectionTo(appServer, client),
    });
    try {
      await this.#thread.carry(exchange, async () => exchange.perform(params));
      return true;
    } catch (error) {
      if (!RequestError.is(error)) throw this.#thread.unsettled.remember(run, threadId, error);
      await postTurn.settle();
      throw error;
    }
  }

  #begin(sending: TurnSending, turnId: string, postTurn: PostTurnWork): void {
    const { run, thread, options, threadIdBefore } = sending;
    const { redactor, explain } = this.#props;
    const { threadId } = thread;
    const { hasRun, usage, description } = this.#thread;
    const isNewThread = threadId !== threadIdBefore;
    run.begin({
      threadId,
      turnId,
      isNewThread,
      redactor,
      ...(explain === undefined ? {} : { explain }),
      usageBefore: usage ?? (isNewThread ? breakdown({}) : null),
      continuation: this.#thread.advance(threadId, turnId, postTurn.restoration),
      ...described(sending),
    });
    // The thread's labels are only in memory so far: they are stored once a turn has started.
    if (!hasRun) postTurn.keep(options.labels, description.tools);
  }
}

/** Whether it must run only once, for any number of calls. */
function isKeyed({ options }: TurnRun): boolean {
  return options.idempotencyKey !== undefined;
}
