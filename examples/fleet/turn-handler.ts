import { setTimeout as pause } from 'node:timers/promises';
import { CodexError } from '../../lib/index.js';
import { runTurn, type TurnOutcome } from '../../lib/fleet/index.js';
import type { FleetEvent } from './fleet-event.js';
import { turnKey, type TurnJob } from './turn-job.js';
import type { WorkerSetup } from './worker-setup.js';

/** Tells the fleet what a worker does. It must not fail. */
export type Tell = (event: Omit<FleetEvent, 'worker'>) => void;

/** Runs the turns that an engine gives to this worker, and tells of them. */
export class TurnHandler {
  readonly #setup: WorkerSetup;
  readonly #tell: Tell;

  constructor(setup: WorkerSetup, tell: Tell) {
    this.#setup = setup;
    this.#tell = tell;
  }

  /** Runs a turn until it is recorded, and gives the answer. */
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
          console.warn(`${turnKey(job)} given up: ${String(signal.reason)}`);
          throw error;
        }
        if (!isPassing(error)) throw error;
        console.warn(`${turnKey(job)} put off: ${error.code}`);
        this.#tell({ kind: 'put-off', ...named(job), text: error.code });
        // Here and not in the queue: a turn that the store has not recorded yet is known to this worker alone.
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
      // Commands of the turn may have run before its worker died: here, they may run again.
      onCutOff: 'retake',
      ...(sandboxMode === undefined ? {} : { options: { sandboxMode } }),
      onEvent: (event) => {
        if (event.type === 'text.delta')
          this.#tell({ kind: 'delta', ...named(job), text: event.text });
      },
    });
  }
}

/** Whether the same call may succeed a little later, on this worker: also where another one has recorded the turn meanwhile. */
export function isPassing(error: unknown): error is CodexError {
  return CodexError.is(error) && (error.retryable || error.code === 'fenced');
}

function named(job: TurnJob): Pick<FleetEvent, 'thread' | 'turn'> {
  return { thread: job.thread, turn: turnKey(job) };
}
