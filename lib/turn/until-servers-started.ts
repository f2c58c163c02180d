import type { CodexOptions } from '../options/codex-options.js';
import type { ThreadOptions } from '../options/thread-options.js';
import type { TurnRun } from './turn-run.js';
import { ExplicitAdditions } from '../isolation/explicit-additions.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';

/** Options of {@link untilServersStarted}. */
export interface ServerWait {
  readonly run: TurnRun;
  readonly client: CodexOptions;
  /** The options that the thread was loaded with. */
  readonly options: ThreadOptions;
}

/**
 * Waits for the MCP servers that the options define, within the limits of the client and of the turn. The model has the
 * tools of the servers that are ready when its turn begins; the turn emits an event for each late server.
 */
export async function untilServersStarted(
  { servers, notices, threadId }: LoadedThread,
  { run, client, options }: ServerWait,
): Promise<void> {
  const { mcpStartupTimeoutMs } = client;
  if (mcpStartupTimeoutMs === 0) return;
  const offered = options.toolSurface?.mcpServers;
  const names = new ExplicitAdditions(client, options).mcpServers.filter(
    (name) => offered?.includes(name) ?? true,
  );
  const timeoutMs = Math.min(mcpStartupTimeoutMs, run.options.timeouts?.totalMs ?? Infinity);
  const late = await servers.started(names, { timeoutMs, signal: run.over });
  if (!run.isOver) for (const server of late) notices.miss(threadId, server);
}
