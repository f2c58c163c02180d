import type { AppServerSession } from '../wire/app-server-session.js';
import { TransportError } from '../errors.js';
import type { ThreadUnsubscribeResponse } from '../protocol/index.js';
import { timers } from '../timers.js';

/**
 * Has a thread unloaded (`thread/unsubscribe`) and waits until codex-rs says that it is closed: then its writer lock is
 * free, and it can be loaded again.
 *
 * @throws {@link TransportError} `timeout` when codex-rs does not say so in time
 */
export async function unloadThread(
  session: AppServerSession,
  threadId: string,
  timeoutMs = 10_000,
): Promise<ThreadUnsubscribeResponse> {
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
    const response = await session.request('thread/unsubscribe', { threadId });
    if (response.status !== 'notLoaded') await within(end, threadId, timeoutMs);
    return response;
  } finally {
    for (const each of forget) each();
    hold[Symbol.dispose]();
  }
}

async function within(end: Promise<void>, threadId: string, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = timers.setTimeout(() => {
      reject(
        new TransportError(
          `codex-rs did not unload thread ${threadId} within ${timeoutMs} ms, so its writer lock may still be taken. Does the configuration set thread_unload_delay_secs?`,
          { code: 'timeout' },
        ),
      );
    }, timeoutMs);
    void end.then(() => {
      timers.clearTimeout(timer);
      resolve();
    });
  });
}
