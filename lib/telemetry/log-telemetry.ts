import { telemetry } from './telemetry.js';
import type { ApprovalMessage, McpServerMessage, ProcessMessage, ToolMessage } from './messages.js';
import type { TurnEndMessage } from './turn-messages.js';
import type { TelemetryChannel } from './telemetry-channel.js';

/** The logger for {@link logTelemetry}: `console`, a pino logger, or similar. @inline */
export interface TelemetryLogger {
  /** Logs an ordinary message. */
  info(message: object, channel: string): void;
  /** Logs a message that may need attention. */
  warn(message: object, channel: string): void;
}

/**
 * Logs every message with the name of its channel, except the content of turns and individual requests.
 *
 * Warnings are: a refused resume, a retry, a problem, a warning of codex-rs, an MCP server that failed or is late, a
 * turn that ended with an error, a codex-rs that did not start or exited on its own, a failed tool call, and an
 * approval without a decision.
 *
 * @returns a function that stops the logging
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

/** Which messages of a channel are warnings; other channels have none. */
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
  // codex-rs withdraws requests that are no longer needed. Most requests other than approvals do not need a decision.
  warns(
    telemetry.approval,
    ({ why }: ApprovalMessage) => !['handler', 'withdrawn', 'unsupported'].includes(why),
  ),
]);

function warns<T extends object>(
  channel: TelemetryChannel<T>,
  test: (message: T) => boolean,
): [object, (message: object) => boolean] {
  // All messages of the channel have its type.
  return [channel, test as unknown as (message: object) => boolean];
}
