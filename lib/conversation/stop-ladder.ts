import { RequestError } from '../errors.js';
import type { StopReport } from '../turn/turn.js';
import type { TurnRun } from '../turn/turn-run.js';
import { timers } from '../timers.js';
import type { LoadedThread } from './loaded-thread.js';

/** How long codex-rs is given for each step, in milliseconds. It takes some 15 ms. */
const graceMs = 5000;

/** What a {@link StopLadder} stops, and with what. */
export interface StopLadderProps {
  readonly run: TurnRun;
  readonly thread: LoadedThread;
  readonly recycle: (reason: string) => Promise<void>;
}

/**
 * Stops a turn for certain: the interrupt, then the commands that the interrupt leaves running, then, when codex-rs does
 * not answer, a new process. Commands of other threads live on, unless the process must go.
 */
export class StopLadder {
  readonly #props: StopLadderProps;

  constructor(props: StopLadderProps) {
    this.#props = props;
  }

  /** Goes as far down as is needed; resolves when the turn is over. */
  async descend(): Promise<StopReport> {
    const { run, recycle } = this.#props;
    const acknowledged = await this.#interrupt();
    if (acknowledged && (await within(run.settled, graceMs)))
      return { acknowledged, commandsEnded: await this.#endCommands(), processRecycled: false };
    if (this.#props.thread.session.closeReason !== null || (!acknowledged && run.isOver))
      return { acknowledged, commandsEnded: 0, processRecycled: false };
    run.interrupt();
    const commandsEnded = run.commandIds.size;
    await recycle('a turn could not be stopped otherwise');
    return { acknowledged, commandsEnded, processRecycled: true };
  }

  async #interrupt(): Promise<boolean> {
    const { run, thread } = this.#props;
    // Sent and not acknowledged yet: there is no turn id to stop it by.
    if (run.turnId === null) await within(begun(run), graceMs);
    const { turnId } = run;
    if (run.isOver) return true;
    if (turnId === null) return false;
    const { session, threadId } = thread;
    try {
      await session.request('turn/interrupt', { threadId, turnId }, { timeoutMs: graceMs });
      return true;
    } catch (error) {
      // Refused: the turn was over first, and its completion is on the way.
      return RequestError.is(error);
    }
  }

  async #endCommands(): Promise<number> {
    const { run, thread } = this.#props;
    const { session, threadId } = thread;
    if (run.commandIds.size === 0) return 0;
    try {
      const { data } = await session.request('thread/backgroundTerminals/list', { threadId });
      const left = data.filter(({ itemId }) => run.commandIds.has(itemId));
      await Promise.all(
        left.map(async ({ processId }) =>
          session.request('thread/backgroundTerminals/terminate', { threadId, processId }),
        ),
      );
      return left.length;
    } catch (error) {
      if (!RequestError.is(error)) return 0;
      // Without the experimental part of the protocol there is no way to end them one by one.
      throw error;
    }
  }
}

async function begun(run: TurnRun): Promise<void> {
  return Promise.race([run.begun, run.settled]);
}

/** Whether it happens in time. */
async function within(happening: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = timers.setTimeout(() => {
      resolve(false);
    }, milliseconds);
  });
  const inTime = await Promise.race([happening.then(() => true), late]);
  timers.clearTimeout(timer);
  return inTime;
}
