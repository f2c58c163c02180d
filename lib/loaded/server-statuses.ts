import type { AppServerSession } from '../wire/app-server-session.js';
import { paged } from '../wire/paged.js';
import type { McpServerStatus } from '../protocol/index.js';

/** Servers may start slowly, and codex-rs replies once they have started. */
const timeoutMs = 120_000;

/** The MCP servers of a loaded thread, with their tools. */
export function serverStatuses(
  session: AppServerSession,
  threadId: string,
): AsyncIterable<McpServerStatus> {
  return paged(session, async (cursor) =>
    session.request(
      'mcpServerStatus/list',
      { threadId, cursor, detail: 'toolsAndAuthOnly' },
      { timeoutMs },
    ),
  );
}
