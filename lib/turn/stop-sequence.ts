import { Deferred } from '../deferred.js';
import { paged } from '../wire/paged.js';
import { RequestError, TransportError } from '../errors.js';
import type { ThreadBackgroundTerminal } from '../protocol/index.js';
import { messageOf } from '../shapes.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { StopReport } from './stop-report.js';
import type { TurnRun } from './turn-run.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';

/** How long codex-rs is given for each step, in milliseconds. It takes some 15 ms. */
const graceMs = 5000;
const limits = { timeoutMs: graceMs };

/** How long a killed command may take to disappear, in milliseconds. It takes some 3 ms. */
const killMs = 1000;

/** What a {@link StopSequence} stops, and with what. */
export interface StopSequenceProps {
  readonly run: TurnRun;
  readonly thread: LoadedThread;
  /** The first notification of the turn arrived, or the turn ended. */
  readonly started: Deferred;
  /** The turn ended. */
  readonly ended: Deferred;
  /** Waits no longer for codex-rs to acknowledge the turn: it starts or ends now. */
  readonly abandon: () => void;
  /** Replaces the process. */
  readonly recycle: (reason: string) => Promise<void>;
}

/**
 * Stops a turn for certain: interrupts it, then ends the commands that the interrupt leaves running. A process that does
 * not respond is replaced; one that responds never is, because the turns of other threads run in it.
 */
export class StopSequence {
  readonly #props: StopSequenceProps;

  constructor(props: StopSequenceProps) {
    this.#props = props;
  }

  /** Goes as far as needed. Never rejects. */
  async run(): Promise<StopReport> {
    const { run, recycle } = this.#props;
    const { acknowledged, isMute } = await this.#interrupt();
    if (!isMute)
      return { acknowledged, commandsEnded: await this.#endCommands(), processRecycled: false };
    const commandsEnded = run.commandIds.size;
    await recycle('a turn could not be stopped otherwise');
    return { acknowledged, commandsEnded, processRecycled: true };
  }

  /** Interrupts the turn and waits for its end. */
  async #interrupt(): Promise<Interrupted> {
    const { run, started, ended, abandon } = this.#props;
    // codex-rs answers turn/start up to 50 ms before the turn starts, and refuses to interrupt it until then.
    if (!(await started.within(graceMs)) && run.turnId === null) {
      if (await this.#isMute()) return { acknowledged: false, isMute: true };
      abandon();
      await started.within(graceMs);
    }
    const { turnId } = run;
    if (turnId === null || ended.isResolved) return { acknowledged: false, isMute: false };
    const answer = await this.#ask(turnId);
    // Refused: the turn ended by itself, and its completion is on the way.
    const isOver = await ended.within(answer === 'none' ? 0 : graceMs);
    return { acknowledged: answer === 'accepted', isMute: !isOver && (await this.#isMute()) };
  }

  async #ask(turnId: string): Promise<'accepted' | 'refused' | 'none'> {
    const { session, threadId } = this.#props.thread;
    try {
      await session.request('turn/interrupt', { threadId, turnId }, limits);
      return 'accepted';
    } catch (error) {
      return RequestError.is(error) ? 'refused' : 'none';
    }
  }

  async #isMute(): Promise<boolean> {
    const { session } = this.#props.thread;
    try {
      await session.request('thread/loaded/list', { limit: 1 }, limits);
      return false;
    } catch (error) {
      return TransportError.is(error) && error.code === 'timeout';
    }
  }

  async #endCommands(): Promise<number> {
    const { run, thread } = this.#props;
    if (run.commandIds.size === 0) return 0;
    const exits = new Map([...run.commandIds].map((id) => [id, new Deferred()]));
    const forget = thread.session.onThread(thread.threadId, ({ method, params }) => {
      if (method === 'item/completed') exits.get(params.item.id)?.resolve();
    });
    const terminals = await this.#terminals();
    const ended = await Promise.all(
      terminals.map(async ({ itemId, processId }) => this.#end(processId, exits.get(itemId))),
    );
    forget();
    return ended.filter((isEnded) => isEnded).length;
  }

  /** The commands of the turn that still run. */
  async #terminals(): Promise<ThreadBackgroundTerminal[]> {
    const { run, thread } = this.#props;
    const { session, threadId } = thread;
    const terminals: ThreadBackgroundTerminal[] = [];
    const pages = paged(session, async (cursor) =>
      session.request('thread/backgroundTerminals/list', { threadId, cursor }, limits),
    );
    try {
      for await (const terminal of pages)
        if (run.commandIds.has(terminal.itemId)) terminals.push(terminal);
    } catch (error) {
      this.#report(error);
    }
    return terminals;
  }

  /** Ends one command. Resolves with whether it still ran. */
  async #end(processId: string, exit: Deferred | undefined): Promise<boolean> {
    const { session, threadId } = this.#props.thread;
    try {
      const params = { threadId, processId };
      const { terminated } = await session.request(
        'thread/backgroundTerminals/terminate',
        params,
        limits,
      );
      // The reply says that the signal was sent. The process is gone when its item is completed.
      if (terminated) await exit?.within(killMs);
      return terminated;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  #report(error: unknown): void {
    const { session, threadId } = this.#props.thread;
    // A process that is gone has ended its commands itself.
    if (session.closeReason !== null) return;
    reportProblem(
      threadId,
      'stop',
      `A command of the stopped turn may still be running: ${messageOf(error)}`,
    );
  }
}

interface Interrupted {
  /** Whether codex-rs accepted the interrupt. */
  readonly acknowledged: boolean;
  /** Whether the process does not respond. */
  readonly isMute: boolean;
}
