import type { ServerNotification } from '../protocol/index.js';
import type { Redactor } from '../redaction.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { WarningMessage } from '../telemetry/messages.js';
import { mcpServerOf, warningOf } from './notices.js';

/** More of them would only repeat each other. */
const keptWarnings = 100;

/** Publishes the warnings of one codex-rs and the states of its MCP servers, and keeps the warnings that concern no thread. */
export class SessionNotices {
  readonly #redactor: Redactor;
  #warnings: readonly WarningMessage[] = [];

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** The newest warnings that concern no thread, such as those about the configuration. */
  get warnings(): readonly WarningMessage[] {
    return this.#warnings;
  }

  /** Publishes what the notification says, if it is one of these. */
  accept(notification: ServerNotification): void {
    const warning = warningOf(notification, this.#redactor);
    if (warning !== null) telemetry.warning.publish(() => ({ ...warning }));
    if (warning?.threadId === null)
      this.#warnings = [...this.#warnings, warning].slice(-keptWarnings);
    const server = mcpServerOf(notification, this.#redactor);
    if (server !== null) telemetry.mcpServer.publish(() => server);
  }
}
