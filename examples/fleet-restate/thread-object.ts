import {
  object,
  RestatePromise,
  type internal,
  type ObjectContext,
  type VirtualObjectDefinition,
} from '@restatedev/restate-sdk';
import type { TurnJob } from '../fleet/turn-job.js';
import { objectName, turnsState } from './names.js';

/** A requested turn. The thread is the key of the virtual object, which also numbers its turns. */
export type RequestedTurn = Omit<TurnJob, 'thread' | 'number'>;

/** The handlers of a thread. */
export interface ThreadHandlers {
  /** Runs a turn, and returns its answer. */
  readonly run: (context: ObjectContext, turn: RequestedTurn) => Promise<string>;
}

/** The signals that end a turn early. */
export interface TurnSignals {
  /** A caller has cancelled the turn. */
  readonly cancelled: AbortSignal;
  /** Restate has lost the connection to this worker, and gives the turn to another one. */
  readonly lost: AbortSignal;
}

/** Runs a turn until it is recorded, and returns its answer. */
export type RunJob = (job: TurnJob, signals: TurnSignals) => Promise<string>;

/** The virtual object of a thread: Restate runs one turn of a thread at a time, in the order of their arrival. */
export function threadObject(
  runJob: RunJob,
): VirtualObjectDefinition<typeof objectName, ThreadHandlers> {
  return object<typeof objectName, ThreadHandlers>({
    name: objectName,
    handlers: { run: async (context, turn) => answered(context, turn, runJob) },
    options: {
      // The turn is interrupted before the object is free for the next one.
      explicitCancellation: true,
      // The longest turn. By default, Restate takes a silent turn away from its worker after 11 minutes.
      inactivityTimeout: { hours: 24 },
      // The death of a worker does not count as a failure of its turn.
      retryPolicy: {
        initialInterval: 250,
        exponentiationFactor: 2,
        maxInterval: 5000,
        maxAttempts: 1_000_000,
      },
    },
  });
}

// #region RestateTurn
async function answered(
  context: ObjectContext,
  turn: RequestedTurn,
  runJob: RunJob,
): Promise<string> {
  const number = ((await context.get<number>(turnsState)) ?? 0) + 1;
  context.set(turnsState, number);
  const job: TurnJob = { ...turn, thread: context.key, number };
  const stop = new AbortController();
  const signals = {
    cancelled: stop.signal,
    lost: context.request().attemptCompletedSignal,
  };
  // The key identifies a turn that was started before, so this step can be repeated.
  const answer = context.run('turn', async () => runJob(job, signals));
  const internals = context as ObjectContext & internal.ContextInternal;
  const cancelled = internals.cancellation().map(() => {
    stop.abort(new Error('The turn was cancelled.'));
  });
  await RestatePromise.race([answer.map(() => undefined), cancelled]);
  return answer;
}
// #endregion
