import { onAbort } from '../on-abort.js';
import type { ServerNotification } from '../protocol/index.js';
import { after } from '../timers.js';
import type { NotificationListener } from './notification-router.js';

/** The polling interval, in milliseconds. */
const askEveryMs = 10_000;

/** The condition to wait for, and the limits. */
export interface Wait {
  /** Whether a notification of the thread meets the condition. */
  readonly told: (notification: ServerNotification) => boolean;
  /**
   * Asks codex-rs immediately and then every 10 seconds, because the notification may have come earlier or may be lost.
   */
  readonly asked?: () => Promise<boolean>;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** The time limit, in milliseconds. */
  readonly timeoutMs?: number;
}

/** How a wait ended: by a notification, by a reply, by the timeout, by the exit of the process, or by the signal. */
export type WaitEnd = 'told' | 'answered' | 'late' | 'gone' | 'aborted';

/** The part of a session that a wait needs. */
export interface Announcer {
  hold(): Disposable;
  onClose(listener: () => void): () => void;
  onThread(threadId: string, listener: NotificationListener): () => void;
}

/**
 * Waits for a notification of a thread. Keeps the host process alive meanwhile.
 *
 * @throws the error of `asked`
 */
export async function until(
  session: Announcer,
  threadId: string,
  { told, asked, signal, timeoutMs = Infinity }: Wait,
): Promise<WaitEnd> {
  const hold = session.hold();
  const ends: (() => void)[] = [];
  let isOver = false;
  let stopAsking = (): void => undefined;
  try {
    return await new Promise<WaitEnd>((resolve, reject) => {
      const ask = (): void => {
        asked?.().then((isSo) => {
          if (isSo) resolve('answered');
          else if (!isOver) stopAsking = after(askEveryMs, ask);
        }, reject);
      };
      const end = (how: WaitEnd) => (): void => {
        resolve(how);
      };
      ends.push(
        session.onThread(threadId, (notification) => {
          if (told(notification)) resolve('told');
        }),
        session.onClose(end('gone')),
        after(timeoutMs, end('late')),
        ...(signal === undefined ? [] : [onAbort(signal, end('aborted'))]),
      );
      ask();
    });
  } finally {
    isOver = true;
    for (const each of [...ends, stopAsking]) each();
    hold[Symbol.dispose]();
  }
}
