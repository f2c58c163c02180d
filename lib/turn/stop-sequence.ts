import type { Deferred } from '../deferred.js';
import { RequestError, TransportError } from '../errors.js';
import { messageOf } from '../shapes.js';
import { reportProblem } from '../telemetry/report-problem.js';
import { endCommands } from './end-commands.js';
import type { StopReport } from './stop-report.js';
import type { SubagentRun } from './subagent-runs.js';
import type { TurnRun } from './turn-run.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';

/** The time limit for each step, in milliseconds. A step takes about 15 ms. */
const graceMs = 5000;
const limits = { timeoutMs: graceMs };

/** Properties of a {@link StopSequence}. */
export interface StopSequenceProps {
  readonly run: TurnRun;
  readonly thread: LoadedThread;
  /** The first notification of the turn arrived, or the turn ended. */
  readonly started: Deferred;
  /** The turn ended. */
  readonly ended: Deferred;
  /** Stops waiting for codex-rs to acknowledge the turn: it starts or ends now. */
  readonly abandon: () => void;
  /** Replaces the process. */
  readonly recycle: (reason: string) => Promise<void>;
}

/**
 * Stops a turn reliably: interrupts it, then ends the commands and the sub-agents that the interrupt leaves running.
 * Replaces a process that does not respond, never one that responds, because other threads run turns in it.
 */
export class StopSequence {
  readonly #props: StopSequenceProps;

  constructor(props: StopSequenceProps) {
    this.#props = props;
  }

  /** Runs the necessary steps. Never rejects. */
  async run(): Promise<StopReport> {
    const { run, recycle } = this.#props;
    const { acknowledged, isMute } = await this.#interrupt();
    if (!isMute)
      return { acknowledged, commandsEnded: await this.#endCommands(), processRecycled: false };
    const commandsEnded = run.commandIds.size;
    await recycle('a turn did not stop');
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
    const answer = await this.#ask(run.reviewerTurnId ?? turnId);
    // Refused: the turn had already ended, and its completion is in transit.
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
    const { session, threadId } = thread;
    const { commandIds } = run;
    const ended = await Promise.all([
      endCommands({ session, threadId, commandIds, limits }),
      ...run.subagents.running.map(async (agent) => this.#endAgent(agent)),
    ]);
    return ended.reduce((sum, count) => sum + count, 0);
  }

  /** Interrupting a turn leaves its sub-agents running and consuming tokens. Returns the number of ended commands. */
  async #endAgent({ threadId, turnId, commandIds, ended }: SubagentRun): Promise<number> {
    const { session } = this.#props.thread;
    try {
      await session.request('turn/interrupt', { threadId, turnId }, limits);
      await ended.within(graceMs);
    } catch (error) {
      // Refused: it has already ended.
      if (!RequestError.is(error) && session.closeReason === null)
        reportProblem(
          threadId,
          'stop',
          `A sub-agent of the stopped turn may still be running: ${messageOf(error)}`,
        );
    }
    return endCommands({ session, threadId, commandIds, limits });
  }
}

interface Interrupted {
  /** Whether codex-rs accepted the interrupt. */
  readonly acknowledged: boolean;
  /** Whether the process does not respond. */
  readonly isMute: boolean;
}
