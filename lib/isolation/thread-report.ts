import type { CodexError } from '../errors.js';
import type { McpServerStatus } from '../protocol/index.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { serverStatuses } from '../loaded/server-statuses.js';
import { unloadThread } from '../loaded/unload-thread.js';

/** The apps of an account are an MCP server with this name; a separate option enables them. */
export const appsServer = 'codex_apps';

/** codex-rs's report about a thread that was just loaded, for all guards that compare it with options. */
export class ThreadReport {
  readonly thread: LoadedThread;
  #servers: Promise<readonly McpServerStatus[]> | null = null;

  constructor(thread: LoadedThread) {
    this.thread = thread;
  }

  /** The MCP servers of the thread. They are listed once; the answer waits for their start. */
  async servers(): Promise<readonly McpServerStatus[]> {
    this.#servers ??= this.#listServers();
    return this.#servers;
  }

  /** The MCP servers that are offered but not wanted. */
  async unwantedServers(isWanted: (name: string) => boolean): Promise<readonly McpServerStatus[]> {
    return (await this.servers()).filter(
      ({ name, runtimeStatus }) => runtimeStatus !== 'disabled' && !isWanted(name),
    );
  }

  /** Unloads the thread, then throws the error. */
  async refuse(error: CodexError): Promise<never> {
    const { session, threadId } = this.thread;
    // If that takes long, the caller still gets the error.
    await unloadThread(session, threadId).catch(() => undefined);
    throw error;
  }

  async #listServers(): Promise<readonly McpServerStatus[]> {
    const { session, threadId } = this.thread;
    const servers: McpServerStatus[] = [];
    for await (const server of serverStatuses(session, threadId)) servers.push(server);
    return servers;
  }
}
