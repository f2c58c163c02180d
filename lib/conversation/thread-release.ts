import { TransportError } from '../errors.js';
import { telemetry } from '../telemetry/telemetry.js';
import type { LiveThread } from './live-thread.js';

/** What a {@link ThreadRelease} is made of. */
export interface ThreadReleaseProps {
  readonly thread: LiveThread;
  /** How long an idle thread stays loaded, in milliseconds. */
  readonly keepLoadedMs: number;
  /** How long codex-rs may take to unload it, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Gives up a thread's writer lock, on demand or when the thread was idle for long enough. */
export class ThreadRelease {
  readonly #props: ThreadReleaseProps;
  #timer: NodeJS.Timeout | null = null;

  constructor(props: ThreadReleaseProps) {
    this.#props = props;
  }

  /** Unloads the thread after a while, unless it is used again. Only for a thread that can be loaded again. */
  schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const { thread, keepLoadedMs } = this.#props;
    if (thread.loaded === null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!thread.isBusy) void this.#unloadQuietly();
    }, keepLoadedMs);
    this.#timer.unref();
  }

  /**
   * Unloads the thread (`thread/unsubscribe`) and waits until codex-rs says that it is closed: then the lock is free.
   *
   * @throws {@link TransportError} `timeout` when codex-rs does not say so in time
   */
  async unload(): Promise<void> {
    const { thread } = this.#props;
    const { loaded } = thread;
    if (loaded === null) return;
    const { session, threadId } = loaded;
    const hold = session.hold();
    let closed: () => void = () => undefined;
    const end = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const forget = [
      // A process that ends frees its locks too.
      session.onClose(closed),
      session.onThread(threadId, ({ method }) => {
        if (method === 'thread/closed') closed();
      }),
    ];
    try {
      const { status } = await session.request('thread/unsubscribe', { threadId });
      if (status !== 'notLoaded') await this.#within(end);
    } finally {
      for (const each of forget) each();
      thread.unload();
      hold[Symbol.dispose]();
    }
  }

  async #within(end: Promise<void>): Promise<void> {
    const { thread, timeoutMs = 10_000 } = this.#props;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new TransportError(
            `codex-rs did not unload thread ${thread.threadId ?? ''} within ${timeoutMs} ms, so its writer lock may still be taken. Does the configuration set thread_unload_delay_secs?`,
            { code: 'timeout' },
          ),
        );
      }, timeoutMs);
      void end.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async #unloadQuietly(): Promise<void> {
    const { thread } = this.#props;
    await thread
      .queued(async () => this.unload())
      .catch((error: unknown) => {
        telemetry.problem.publish(() => ({
          threadId: thread.threadId ?? '',
          during: 'unload',
          message: error instanceof Error ? error.message : String(error),
        }));
      });
  }
}
