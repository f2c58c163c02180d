import { setTimeout as pause } from 'node:timers/promises';
import { CodexError } from '../../lib/index.js';
import { runTurn, type TurnOutcome } from '../../lib/fleet/index.js';
import type { FleetEvent } from './fleet-event.js';
import { turnKey, type TurnJob } from './turn-job.js';
import type { WorkerSetup } from './worker-setup.js';

/** Reports the actions of a worker to the fleet. It must not fail. */
export type Tell = (event: Omit<FleetEvent, 'worker'>) => void;

/** Runs the turns that an engine assigns to this worker, and reports them. */
export class TurnHandler {
  readonly #setup: WorkerSetup;
  readonly #tell: Tell;

  constructor(setup: WorkerSetup, tell: Tell) {
    this.#setup = setup;
    this.#tell = tell;
  }

  /** Runs a turn until it is recorded, and returns the answer. */
  async run(job: TurnJob, signal: AbortSignal): Promise<string> {
    const { thread } = job;
    const turn = turnKey(job);
    this.#tell({ kind: 'started', thread, turn });
    const { outcome, finalResponse, continuation } = await this.#recorded(job, signal);
    this.#tell({ kind: 'ended', thread, turn, text: outcome, token: continuation });
    return finalResponse ?? '';
  }

  async #recorded(job: TurnJob, signal: AbortSignal): Promise<TurnOutcome> {
    for (;;) {
      try {
        return await this.#turn(job, signal);
      } catch (error) {
        if (signal.aborted) {
          console.warn(`${turnKey(job)} abandoned: ${String(signal.reason)}`);
          throw error;
        }
        if (!isPassing(error)) throw error;
        console.warn(`${turnKey(job)} postponed: ${error.code}`);
        this.#tell({ kind: 'put-off', ...named(job), text: error.code });
        // The retry runs here instead of in the queue: only this worker has a turn that the store has not recorded yet.
        await pause(250, undefined, { signal });
      }
    }
  }

  async #turn(job: TurnJob, signal: AbortSignal): Promise<TurnOutcome> {
    const { store, codex, home, threads } = this.#setup;
    const { thread, input, sandboxMode } = job;
    return runTurn(store, codex, thread, input, {
      idempotencyKey: turnKey(job),
      home,
      thread: threads,
      signal,
      // Commands of the turn may have run before its worker died: in this example, they may run again.
      onCutOff: 'retake',
      ...(sandboxMode === undefined ? {} : { options: { sandboxMode } }),
      onEvent: (event) => {
        if (event.type === 'text.delta')
          this.#tell({ kind: 'delta', ...named(job), text: event.text });
      },
    });
  }
}

/**
 * Whether the same call may succeed a little later on this worker, including if another worker has recorded the turn
 * meanwhile.
 */
export function isPassing(error: unknown): error is CodexError {
  return CodexError.is(error) && (error.retryable || error.code === 'fenced');
}

function named(job: TurnJob): Pick<FleetEvent, 'thread' | 'turn'> {
  return { thread: job.thread, turn: turnKey(job) };
}
