import type { ServerNotification } from '../protocol/index.js';
import type { Redactor } from '../redaction.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { WarningMessage } from '../telemetry/messages.js';
import { mcpServerOf, warningOf } from './notices.js';

/** More warnings would be repetitions. */
const keptWarnings = 100;

/**
 * Publishes the warnings of one codex-rs and the states of its MCP servers. Keeps the warnings that do not belong to a
 * thread.
 */
export class SessionNotices {
  readonly #redactor: Redactor;
  #warnings: readonly WarningMessage[] = [];

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** The most recent warnings that do not belong to a thread, such as those about the configuration. */
  get warnings(): readonly WarningMessage[] {
    return this.#warnings;
  }

  /** Publishes a warning or an MCP server state; ignores other notifications. */
  accept(notification: ServerNotification): void {
    const warning = warningOf(notification, this.#redactor);
    if (warning !== null) telemetry.warning.publish(() => ({ ...warning }));
    if (warning?.threadId === null)
      this.#warnings = [...this.#warnings, warning].slice(-keptWarnings);
    const server = mcpServerOf(notification, this.#redactor);
    if (server !== null) telemetry.mcpServer.publish(() => server);
  }
}
