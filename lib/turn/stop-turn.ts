import { TransportError } from '../errors.js';
import { telemetry } from '../telemetry/telemetry.js';
import { timers } from '../timers.js';
import type { StopReport } from './stop-report.js';
import { StopSequence, type StopSequenceProps } from './stop-sequence.js';
import type { TurnRecovery } from './turn-recovery.js';

/** Properties of {@link stopTurn}. */
export interface StopTurnProps extends Omit<StopSequenceProps, 'abandon' | 'recycle'> {
  /** Finds the turn again when its connection is lost; null if the server ends with the connection. */
  readonly recovery: TurnRecovery | null;
  /** Stops waiting for the acknowledgement of codex-rs. */
  readonly unacknowledged: AbortController;
  /** Replaces the unresponsive process or connection. */
  readonly recycle: (reason: string, mute: TransportError) => Promise<void>;
}

/** Stops a turn reliably, also over another connection, and reports the result to telemetry. Never rejects. */
export async function stopTurn(props: StopTurnProps): Promise<StopReport> {
  const { run, thread, ended, recovery } = props;
  const { threadId } = thread;
  const startedAt = timers.performance.now();
  let report = await stopOnce(props);
  // The connection was lost meanwhile: the turn may still be running.
  while (recovery?.isOngoing === true && !ended.isResolved) report = await stopOnce(props);
  const durationMs = timers.performance.now() - startedAt;
  // For an independent server only the connection is replaced.
  const told = recovery === null ? report : { ...report, processRecycled: false };
  telemetry.turnStop.publish(() => ({ ...told, threadId, turnId: run.turnId, durationMs }));
  // Its end was lost, or codex-rs responds but does not end it.
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
      unacknowledged.abort(late('codex-rs did not acknowledge the turn before it was stopped.'));
    },
    recycle: async (reason) =>
      recycle(reason, late('codex-rs does not respond, so the turn may still be running.')),
  }).run();
}

function late(message: string): TransportError {
  return new TransportError(message, { code: 'timeout' });
}
