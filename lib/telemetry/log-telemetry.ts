import { telemetry } from './telemetry.js';
import type { ApprovalMessage, McpServerMessage, ProcessMessage, ToolMessage } from './messages.js';
import type { TurnEndMessage } from './turn-messages.js';
import type { TelemetryChannel } from './telemetry-channel.js';

/** What {@link logTelemetry} writes to: `console`, a pino logger, or anything alike. @inline */
export interface TelemetryLogger {
  /** Takes a message of the ordinary kind. */
  info(message: object, channel: string): void;
  /** Takes a message that somebody may have to look at. */
  warn(message: object, channel: string): void;
}

/**
 * Logs every message with the name of its channel, except what was said in turns and the single requests.
 *
 * These are warnings: a refused resume, a retry, a problem, a warning of codex-rs, an MCP server that failed or is late, a
 * turn that ended in an error, a codex-rs that could not be started or ended by itself, a tool call that failed, and an
 * approval that nobody decided.
 *
 * @returns what ends it
 *
 * @example
 * ```ts
 * const stop = logTelemetry(logger);
 * await codex
 *   .startThread()
 *   .run('Fix it')
 *   .catch(() => null);
 * stop();
 * ```
 */
export function logTelemetry(logger: TelemetryLogger): () => void {
  const silent: readonly object[] = [telemetry.turnContent, telemetry.request];
  const endings = Object.values(telemetry)
    .filter((channel) => !silent.includes(channel))
    .map((channel) =>
      (channel as unknown as TelemetryChannel<object>).subscribe((message) => {
        const level = isWarning.get(channel)?.(message) === true ? 'warn' : 'info';
        logger[level](message, channel.name);
      }),
    );
  return () => {
    for (const end of endings) end();
  };
}

const always = (): boolean => true;

/** Which messages of a channel are warnings; those of others never are. */
const isWarning: ReadonlyMap<object, (message: object) => boolean> = new Map([
  warns(telemetry.resumeMismatch, always),
  warns(telemetry.turnRetry, always),
  warns(telemetry.problem, always),
  warns(telemetry.warning, always),
  warns(
    telemetry.mcpServer,
    ({ status }: McpServerMessage) => status === 'failed' || status === 'late',
  ),
  warns(telemetry.turnEnd, ({ errorCode }: TurnEndMessage) => errorCode !== null),
  warns(
    telemetry.process,
    ({ errorCode }: ProcessMessage) => errorCode !== null && errorCode !== 'closed',
  ),
  warns(telemetry.tool, ({ outcome }: ToolMessage) => outcome !== 'completed'),
  // codex-rs withdraws what is no longer needed, and most requests that are no approval are none to decide.
  warns(
    telemetry.approval,
    ({ why }: ApprovalMessage) => !['handler', 'withdrawn', 'unsupported'].includes(why),
  ),
]);

function warns<T extends object>(
  channel: TelemetryChannel<T>,
  test: (message: T) => boolean,
): [object, (message: object) => boolean] {
  // Every message of the channel is of its type.
  return [channel, test as unknown as (message: object) => boolean];
}
