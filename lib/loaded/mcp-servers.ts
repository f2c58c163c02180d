import type { AppServerSession } from '../wire/app-server-session.js';
import type { McpServerStartupState, ServerNotification } from '../protocol/index.js';
import { timers } from '../timers.js';

/** The MCP servers of a loaded thread, as far as codex-rs has reported their start. */
export class McpServers {
  readonly #session: AppServerSession;
  readonly #threadId: string;
  readonly #states = new Map<string, McpServerStartupState>();
  readonly #loadedAt = timers.performance.now();

  constructor(session: AppServerSession, threadId: string) {
    this.#session = session;
    this.#threadId = threadId;
  }

  /** Takes a notification of the thread. */
  accept({ method, params }: ServerNotification): void {
    if (method !== 'mcpServer/startupStatus/updated') return;
    // A server of an environment is another one, whatever its name is; codex-rs before 0.171.0 names no environment.
    if ((params.environmentId ?? null) === null) this.#states.set(params.name, params.status);
  }

  /**
   * Waits until each of the servers is ready or has failed, the time is up, the process is gone, or the signal fires.
   *
   * @returns the names of the servers that are still starting
   */
  async started(names: readonly string[], limits: StartLimits): Promise<readonly string[]> {
    const late = (): string[] => names.filter((name) => !this.#isSettled(name));
    // The time counts from the loading: a server that is late is waited for once.
    const timeoutMs = this.#loadedAt + limits.timeoutMs - timers.performance.now();
    if (late().length > 0 && timeoutMs > 0)
      await this.#session.until(this.#threadId, {
        told: () => late().length === 0,
        signal: limits.signal,
        timeoutMs,
      });
    return late();
  }

  #isSettled(name: string): boolean {
    const state = this.#states.get(name);
    return state !== undefined && state !== 'starting';
  }
}

/** Limits of {@link McpServers.started}. */
interface StartLimits {
  /** How long, in milliseconds since the thread was loaded. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
