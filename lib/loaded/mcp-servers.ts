import type { AppServerSession } from '../wire/app-server-session.js';
import { onAbort } from '../on-abort.js';
import type { McpServerStartupState, ServerNotification } from '../protocol/index.js';
import { timers } from '../timers.js';

/** The MCP servers of a loaded thread, as far as codex-rs has reported their start. */
export class McpServers {
  readonly #session: AppServerSession;
  readonly #states = new Map<string, McpServerStartupState>();
  readonly #loadedAt = timers.performance.now();
  readonly #listeners = new Set<() => void>();

  constructor(session: AppServerSession) {
    this.#session = session;
  }

  /** Takes a notification of the thread. */
  accept({ method, params }: ServerNotification): void {
    if (method !== 'mcpServer/startupStatus/updated') return;
    // A server of an environment is another one, whatever its name is; codex-rs before 0.171.0 names no environment.
    if ((params.environmentId ?? null) !== null) return;
    this.#states.set(params.name, params.status);
    for (const listener of this.#listeners) listener();
  }

  /**
   * Waits until each of the servers is ready or has failed, the time is up, the process is gone, or the signal fires.
   *
   * @returns the names of the servers that are still starting
   */
  async started(names: readonly string[], limits: StartLimits): Promise<readonly string[]> {
    const late = (): string[] => names.filter((name) => !this.#isSettled(name));
    // The time counts from the loading: a server that is late is waited for once.
    const leftMs = this.#loadedAt + limits.timeoutMs - timers.performance.now();
    if (late().length > 0 && leftMs > 0) await this.#changed(late, leftMs, limits.signal);
    return late();
  }

  #isSettled(name: string): boolean {
    const state = this.#states.get(name);
    return state !== undefined && state !== 'starting';
  }

  async #changed(late: () => string[], leftMs: number, signal: AbortSignal): Promise<void> {
    const hold = this.#session.hold();
    let end: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const check = (): void => {
      if (late().length === 0) end();
    };
    this.#listeners.add(check);
    const timer = timers.setTimeout(end, leftMs);
    const forget = [this.#session.onClose(end), onAbort(signal, end)];
    await over;
    for (const each of forget) each();
    timers.clearTimeout(timer);
    this.#listeners.delete(check);
    hold[Symbol.dispose]();
  }
}

/** Limits of {@link McpServers.started}. */
interface StartLimits {
  /** How long, in milliseconds since the thread was loaded. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
