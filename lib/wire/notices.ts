import type { ServerNotification } from '../protocol/index.js';
import type { Redactor } from '../redaction.js';
import type { McpServerMessage, WarningMessage } from '../telemetry/messages.js';

/** The warning in a notification, without secrets; null for any other notification. */
export function warningOf(
  { method, params }: ServerNotification,
  redactor: Redactor,
): WarningMessage | null {
  switch (method) {
    case 'warning':
    case 'guardianWarning': {
      const message = redactor.redact(params.message);
      return { threadId: params.threadId, method, message, details: null, path: null };
    }
    case 'configWarning':
    case 'deprecationNotice': {
      const { summary, details } = params;
      return {
        threadId: null,
        method,
        message: redactor.redact(summary),
        details: details === null ? null : redactor.redact(details),
        path: 'path' in params ? (params.path ?? null) : null,
      };
    }
    default:
      return null;
  }
}

/** The state of an MCP server in a notification, without secrets; null for any other notification. */
export function mcpServerOf(
  { method, params }: ServerNotification,
  redactor: Redactor,
): McpServerMessage | null {
  if (method !== 'mcpServer/startupStatus/updated') return null;
  const { threadId, name: server, status, error } = params;
  return { threadId, server, status, error: error === null ? null : redactor.redact(error) };
}
