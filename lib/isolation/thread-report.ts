import type { CodexError } from '../errors.js';
import type { McpServerStatus } from '../protocol/index.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import { serverStatuses } from '../loaded/server-statuses.js';
import { unloadThread } from '../loaded/unload-thread.js';

/** The apps of an account come as an MCP server of this name; whether they are offered is an option of its own. */
export const appsServer = 'codex_apps';

/** What codex-rs reports of a thread that was just loaded, for all guards that hold it against options. */
export class ThreadReport {
  readonly thread: LoadedThread;
  #servers: Promise<readonly McpServerStatus[]> | null = null;

  constructor(thread: LoadedThread) {
    this.thread = thread;
  }

  /** The MCP servers of the thread. They are listed once, and the answer waits for their start. */
  async servers(): Promise<readonly McpServerStatus[]> {
    this.#servers ??= this.#listServers();
    return this.#servers;
  }

  /** The MCP servers that are offered although they are not wanted. */
  async unwantedServers(isWanted: (name: string) => boolean): Promise<readonly McpServerStatus[]> {
    return (await this.servers()).filter(
      ({ name, runtimeStatus }) => runtimeStatus !== 'disabled' && !isWanted(name),
    );
  }

  /** Unloads the thread, then throws the error. */
  async refuse(error: CodexError): Promise<never> {
    const { session, threadId } = this.thread;
    // Should that take long, the refusal is what the caller has to know.
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
