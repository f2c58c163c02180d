import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { CodexError } from '../../lib/index.js';
import { runTurn } from '../../lib/fleet/index.js';
import { isPassing } from '../fleet/turn-handler.js';
import type { WorkerSetup } from '../fleet/worker-setup.js';
import type { ThreadTurn } from './thread-turn.js';

/** The activity of a worker: it runs one turn of a thread. */
export class TurnActivities {
  readonly #setup: WorkerSetup;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
  }

  /** Runs a turn until it is recorded, and returns the answer. */
  async runThreadTurn(turn: ThreadTurn): Promise<string> {
    const context = Context.current();
    // A heartbeat shows that the worker lives, and its reply carries a cancellation.
    const beating = setInterval(() => {
      context.heartbeat();
    }, this.#setup.leaseMs / 5);
    try {
      return await this.#recorded(turn, context);
    } finally {
      clearInterval(beating);
    }
  }

  async #recorded(turn: ThreadTurn, context: Context): Promise<string> {
    const { cancellationSignal: signal } = context;
    for (;;) {
      try {
        return await this.#answer(turn, signal);
      } catch (error) {
        if (signal.aborted) throw interrupted(context);
        if (!isPassing(error)) throw failureOf(error);
        // The retry runs here: a turn that the store has not recorded yet is known to this worker alone.
        await context.sleep(250);
      }
    }
  }

  // #region TemporalActivity
  async #answer(turn: ThreadTurn, signal: AbortSignal): Promise<string> {
    const { store, codex, home, threads } = this.#setup;
    const { thread, id, input, sandboxMode } = turn;
    const { finalResponse } = await runTurn(store, codex, thread, input, {
      idempotencyKey: id,
      home,
      thread: threads,
      signal,
      onCutOff: 'retake',
      ...(sandboxMode === undefined ? {} : { options: { sandboxMode } }),
    });
    return finalResponse ?? '';
  }
  // #endregion
}

/** The failure of an interrupted turn. Temporal retries it elsewhere unless a caller has cancelled the turn. */
function interrupted({ cancellationDetails, cancellationSignal }: Context): unknown {
  if (cancellationDetails?.cancelRequested === true) return cancellationSignal.reason;
  return ApplicationFailure.retryable('The worker shuts down or has lost the turn.', 'given-up');
}

/** A failed turn runs again only on request. */
function failureOf(error: unknown): ApplicationFailure {
  const message = error instanceof Error ? error.message : String(error);
  const type = CodexError.is(error) ? error.code : 'unknown';
  return ApplicationFailure.create({ message, type, nonRetryable: true });
}
