import type { TransportError } from '../errors.js';
import { RequestError } from '../errors.js';
import type { ServerNotification, TurnStartParams, UserInput } from '../protocol/index.js';
import type { SteerOutcome } from '../turn/turn.js';
import { TurnLostError } from '../turn/turn-lost-error.js';
import type { TurnRun } from '../turn/turn-run.js';
import type { LoadedThread } from './loaded-thread.js';

/** What an {@link Exchange} is made of. */
export interface ExchangeProps {
  readonly run: TurnRun;
  readonly thread: LoadedThread;
  readonly params: TurnStartParams;
  /** Called once, when codex-rs has accepted the turn: begins the run. */
  readonly begin: (turnId: string) => void;
}

/** One turn on the wire: sent once, fed with its notifications, stopped when asked. */
export class Exchange {
  readonly #props: ExchangeProps;
  readonly #followed = new Map<string, () => void>();
  #isStopping = false;

  constructor(props: ExchangeProps) {
    this.#props = props;
  }

  /** The turn it carries. */
  get run(): TurnRun {
    return this.#props.run;
  }

  /**
   * Sends the turn and resolves when it is over.
   *
   * @throws {@link RequestError} when codex-rs refused it
   * @throws {@link TransportError} when no acknowledgement came: nobody knows whether it runs
   */
  async perform(): Promise<void> {
    const { run, thread, params } = this.#props;
    const hold = thread.session.hold();
    const forget = thread.session.onClose((error) => {
      this.#lose(error);
    });
    try {
      await this.#send(params);
      await run.settled;
    } finally {
      forget();
      for (const unfollow of this.#followed.values()) unfollow();
      hold[Symbol.dispose]();
    }
  }

  /** Takes in a notification of the thread. */
  accept(notification: ServerNotification): void {
    const turnId = turnOf(notification);
    if (turnId === null) return;
    // The notification may overtake the response to turn/start; either is an acknowledgement.
    if (notification.method === 'turn/started') this.#acknowledge(turnId);
    if (turnId !== this.run.turnId) return;
    this.run.accept(notification);
    for (const threadId of subagentsIn(notification)) this.#follow(threadId);
  }

  /** Stops the turn; resolves when it is over. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#interrupt();
    await this.run.settled;
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
      if (/no active turn|expected active turn/.test(error.serverMessage))
        return { status: 'turnEnded' };
      throw error;
    }
  }

  #follow(threadId: string): void {
    const { session, threadId: own } = this.#props.thread;
    if (threadId === own || this.#followed.has(threadId)) return;
    const unfollow = session.onThread(threadId, (notification) => {
      this.run.acceptSubagent(threadId, notification);
    });
    this.#followed.set(threadId, unfollow);
  }

  async #send(params: TurnStartParams): Promise<void> {
    try {
      const { turn } = await this.#props.thread.session.request('turn/start', params);
      this.#acknowledge(turn.id);
    } catch (error) {
      // turn/started came although the response did not: the turn runs.
      if (this.run.turnId === null) throw error;
    }
  }

  #acknowledge(turnId: string): void {
    if (this.run.turnId !== null) return;
    this.#props.begin(turnId);
    if (this.#isStopping) void this.#interrupt();
  }

  #lose(cause: TransportError): void {
    const { turnId } = this.run;
    if (turnId === null) return;
    const { threadId } = this.#props.thread;
    this.run.fail(new TurnLostError({ threadId, turnId, items: this.run.items, cause }));
  }

  async #interrupt(): Promise<void> {
    const { turnId } = this.run;
    const { session, threadId } = this.#props.thread;
    if (turnId === null || this.run.isOver) return;
    try {
      await session.request('turn/interrupt', { threadId, turnId });
    } catch (error) {
      // The turn was over first: its completion is on the way.
      if (!RequestError.is(error)) this.run.fail(error);
    }
  }
}

/** The threads of sub-agents that an item names. codex-rs announces them in no other way. */
function subagentsIn({ method, params }: ServerNotification): readonly string[] {
  if (method !== 'item/started' && method !== 'item/completed') return [];
  const { item } = params;
  if (item.type === 'collabAgentToolCall') return item.receiverThreadIds;
  return item.type === 'subAgentActivity' ? [item.agentThreadId] : [];
}

/** The turn a notification belongs to, or null when it belongs to none. */
function turnOf(notification: ServerNotification): string | null {
  const params = notification.params as { turnId?: unknown; turn?: { id?: unknown } } | undefined;
  const id = params?.turnId ?? params?.turn?.id;
  return typeof id === 'string' ? id : null;
}
