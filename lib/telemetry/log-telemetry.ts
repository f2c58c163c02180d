import { telemetry } from './telemetry.js';
import type { TelemetryChannel } from './telemetry-channel.js';

/** What {@link logTelemetry} writes to: `console`, pino, or anything alike. */
export interface TelemetryLogger {
  /** Takes a message of the ordinary kind. */
  info(message: object, channel: string): void;
  /** Takes a message that somebody may have to look at. */
  warn(message: object, channel: string): void;
}

/**
 * Logs every message with the name of its channel, except what was said in turns. Refused resumes, retries, problems and
 * turns that ended in an error are warnings.
 *
 * @returns what ends it
 *
 * @example
 * ```ts
 * const stop = logTelemetry(pino);
 * await codex
 *   .startThread()
 *   .run('Fix it')
 *   .catch(() => null);
 * stop();
 * ```
 */
export function logTelemetry(logger: TelemetryLogger): () => void {
  const warnings: readonly object[] = [
    telemetry.resumeMismatch,
    telemetry.turnRetry,
    telemetry.problem,
  ];
  const endings = Object.values(telemetry)
    .filter((channel) => channel !== telemetry.turnContent)
    .map((channel) =>
      // Every message is an object; only the end of a turn is looked into.
      (channel as unknown as TelemetryChannel<object>).subscribe((message) => {
        const isFailure = channel === telemetry.turnEnd && 'errorCode' in message;
        const isWarning = warnings.includes(channel) || (isFailure && message.errorCode !== null);
        logger[isWarning ? 'warn' : 'info'](message, channel.name);
      }),
    );
  return () => {
    for (const end of endings) end();
  };
}
