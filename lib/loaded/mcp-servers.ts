import type { AppServerSession } from '../wire/app-server-session.js';
import type { McpServerStartupState, ServerNotification } from '../protocol/index.js';
import { timers } from '../timers.js';

/** The MCP servers of a loaded thread whose start codex-rs has reported. */
export class McpServers {
  readonly #session: AppServerSession;
  readonly #threadId: string;
  readonly #states = new Map<string, McpServerStartupState>();
  readonly #loadedAt = timers.performance.now();

  constructor(session: AppServerSession, threadId: string) {
    this.#session = session;
    this.#threadId = threadId;
  }

  /** Accepts a notification of the thread. */
  accept({ method, params }: ServerNotification): void {
    if (method !== 'mcpServer/startupStatus/updated') return;
    // A server of an environment is a different one, even with the same name; codex-rs before 0.171.0 does not report the
    // environment.
    if ((params.environmentId ?? null) === null) this.#states.set(params.name, params.status);
  }

  /**
   * Waits until each of the servers is ready or has failed, the time limit is reached, the process exits, or the signal
   * aborts.
   *
   * @returns the names of the servers that are still starting
   */
  async started(names: readonly string[], limits: StartLimits): Promise<readonly string[]> {
    const late = (): string[] => names.filter((name) => !this.#isSettled(name));
    // The time counts from loading: a late server is waited for only once.
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
  /** The time limit, in milliseconds since the thread was loaded. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
