import type { Codex } from '../codex.js';
import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import type { TurnInput } from '../turn/turn-input.js';
import { KeptThreads } from './kept-threads.js';
import type { ThreadStore } from './thread-store.js';
import { TurnJob } from './turn-job.js';
import type { RunTurnOptions, TurnOutcome } from './turn-outcome.js';

/** The jobs of each client. */
const jobs = new WeakMap<Codex, ClientJobs>();

interface ClientJobs {
  /** The keys whose job runs. */
  readonly running: Set<string>;
  readonly kept: KeptThreads;
}

/**
 * Runs a turn of the thread stored under a key, on any machine, and records it. To be called by the handler of a job. The
 * first turn begins the thread. After any failure, repeating the same call here or on another machine records the turn
 * exactly once.
 *
 * @example
 * ```ts
 * const handle = async (job: Job): Promise<TurnOutcome> =>
 *   runTurn(store, codex, job.ticket, job.input, { idempotencyKey: job.id, onCutOff: 'retake' });
 *
 * const job = { id: 'job-7', ticket: 'PAY-123', input: 'Write the migration' };
 * const { outcome, finalResponse } = await handle(job);
 * console.log(outcome, finalResponse); // ran A test fails.
 * console.log((await handle(job)).outcome); // recorded
 * ```
 *
 * @throws {@link ThreadConflictError} if another turn of the thread was recorded meanwhile (retryable), or its local
 * history differs from the recorded one
 * @throws {@link FencedError} if another worker has recorded this turn meanwhile
 * @throws `ThreadBusyError` (retryable) while the thread is in use, here or in another process
 * @throws `TurnCutOffError` if the turn was cut off here and `onCutOff` is not `retake`; any error of `thread.run`
 * @throws `CodexError` `store-failed` (retryable): a turn that has run is kept here under its key, and the next call saves
 * it
 */
export async function runTurn(
  store: ThreadStore,
  codex: Codex,
  key: string,
  input: TurnInput,
  options: RunTurnOptions,
): Promise<TurnOutcome> {
  const { running, kept } = jobs.get(codex) ?? begun(codex);
  if (running.has(key)) throw new ThreadBusyError(null, { action: 'runTurn()' });
  running.add(key);
  try {
    return await new TurnJob({ store, codex, key, input, options, kept }).run();
  } finally {
    running.delete(key);
  }
}

function begun(codex: Codex): ClientJobs {
  const own = { running: new Set<string>(), kept: new KeptThreads() };
  jobs.set(codex, own);
  return own;
}
