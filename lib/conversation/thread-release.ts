import type { AppServerSession } from '../wire/app-server-session.js';
import { reportProblem } from '../telemetry/report-problem.js';
import { timers } from '../timers.js';
import type { LiveThread } from './live-thread.js';
import { unloadThread } from '../loaded/unload-thread.js';

/** Properties of a {@link ThreadRelease}. */
export interface ThreadReleaseProps {
  readonly thread: LiveThread;
  /** The running process, if any. */
  readonly session: () => AppServerSession | null;
  /** How long an idle thread stays loaded, in milliseconds. */
  readonly keepLoadedMs: number;
}

/** Releases a thread's writer lock, on demand or after an idle time. */
export class ThreadRelease {
  readonly #props: ThreadReleaseProps;
  #timer: NodeJS.Timeout | null = null;
  #unloading: Promise<unknown> = Promise.resolve();

  constructor(props: ThreadReleaseProps) {
    this.#props = props;
  }

  /** Unloads the thread after the idle time, unless it is used again. Only for a thread that can be loaded again. */
  schedule(): void {
    if (this.#timer !== null) timers.clearTimeout(this.#timer);
    this.#timer = null;
    const { thread, keepLoadedMs } = this.#props;
    if (thread.loaded === null) return;
    this.#timer = timers.setTimeout(() => {
      this.#timer = null;
      if (!thread.isBusy) void this.#unloadQuietly();
    }, keepLoadedMs);
    this.#timer.unref();
  }

  /** Resolves when the thread is not being unloaded: codex-rs refuses some requests meanwhile. */
  async settled(): Promise<void> {
    await this.#unloading;
  }

  /**
   * Unloads the thread and resolves once its lock is free.
   *
   * @throws `TransportError` `timeout` if codex-rs does not report it in time
   */
  async unload(): Promise<void> {
    const unloaded = this.#unload();
    this.#unloading = unloaded.catch(() => undefined);
    await unloaded;
  }

  async #unload(): Promise<void> {
    const { thread, session } = this.#props;
    // A raw request may have loaded it without notice to this client.
    const holder = thread.loaded?.session ?? session();
    if (holder === null || thread.threadId === null) return;
    await thread.loaded?.overrides.putBack();
    try {
      await unloadThread(holder, thread.threadId);
    } finally {
      thread.unload();
    }
  }

  async #unloadQuietly(): Promise<void> {
    const { thread } = this.#props;
    await thread.queue
      .add(
        async () => this.unload(),
        // The thread is idle: this does not delay or fail any call.
        () => true,
      )
      .catch((error: unknown) => {
        reportProblem(thread.threadId, 'unload', error);
      });
  }
}
