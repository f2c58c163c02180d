import { TransportError } from '../errors.js';
import { telemetry } from '../telemetry/telemetry.js';
import { timers } from '../timers.js';
import type { StopReport } from './stop-report.js';
import { StopSequence, type StopSequenceProps } from './stop-sequence.js';
import type { TurnRecovery } from './turn-recovery.js';

/** What {@link stopTurn} works with. */
export interface StopTurnProps extends Omit<StopSequenceProps, 'abandon' | 'recycle'> {
  /** Finds the turn again when its connection is lost; null where the server ends with the connection. */
  readonly recovery: TurnRecovery | null;
  /** Gives up the acknowledgement of codex-rs. */
  readonly unacknowledged: AbortController;
  /** Replaces the process, or the connection, that does not answer. */
  readonly recycle: (reason: string, mute: TransportError) => Promise<void>;
}

/** Stops a turn for certain, also over another connection, and tells telemetry how. Never rejects. */
export async function stopTurn(props: StopTurnProps): Promise<StopReport> {
  const { run, thread, ended, recovery } = props;
  const { threadId } = thread;
  const startedAt = timers.performance.now();
  let report = await stopOnce(props);
  // The connection was lost on the way: the turn may still run there.
  while (recovery?.isOngoing === true && !ended.isResolved) report = await stopOnce(props);
  const durationMs = timers.performance.now() - startedAt;
  // There may be no process of ours to replace, only a connection.
  const told = recovery === null ? report : { ...report, processRecycled: false };
  telemetry.turnStop.publish(() => ({ ...told, threadId, turnId: run.turnId, durationMs }));
  // Its end was lost, or codex-rs responds and does not end it.
  if (report.processRecycled || !ended.isResolved) run.interrupt();
  return told;
}

async function stopOnce({
  recovery,
  unacknowledged,
  recycle,
  ...sequence
}: StopTurnProps): Promise<StopReport> {
  await recovery?.over;
  return new StopSequence({
    ...sequence,
    abandon: () => {
      unacknowledged.abort(late('codex-rs did not acknowledge the turn that was to be stopped.'));
    },
    recycle: async (reason) =>
      recycle(reason, late('codex-rs does not answer; the turn may still run there.')),
  }).run();
}

function late(message: string): TransportError {
  return new TransportError(message, { code: 'timeout' });
}
