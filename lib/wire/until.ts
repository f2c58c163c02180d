import { onAbort } from '../on-abort.js';
import type { ServerNotification } from '../protocol/index.js';
import { after } from '../timers.js';
import type { NotificationListener } from './notification-router.js';

/** How often codex-rs is asked for what it may have said already, in milliseconds. */
const askEveryMs = 10_000;

/** What is waited for, and how long. */
export interface Wait {
  /** Whether a notification of the thread says it. */
  readonly told: (notification: ServerNotification) => boolean;
  /** Asks codex-rs, at once and then every 10 seconds: the notification may have come before, or be lost. */
  readonly asked?: () => Promise<boolean>;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** How long to wait, in milliseconds. */
  readonly timeoutMs?: number;
}

/** How a wait ended: codex-rs said it by itself or when asked, the time was up, the process is gone, or the signal fired. */
export type WaitEnd = 'told' | 'answered' | 'late' | 'gone' | 'aborted';

/** A session, as far as it can be waited for. */
export interface Announcer {
  hold(): Disposable;
  onClose(listener: () => void): () => void;
  onThread(threadId: string, listener: NotificationListener): () => void;
}

/**
 * Waits until codex-rs says something of a thread. Keeps the host process alive meanwhile.
 *
 * @throws what `asked` rejects with
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
