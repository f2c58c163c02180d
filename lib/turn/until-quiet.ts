import type { AppServerSession } from '../wire/app-server-session.js';
import { onAbort } from '../on-abort.js';

/**
 * Resolves when a turn of the thread has ended and none runs any more, or when its process or the thread is gone; also when
 * the signal says that no turn is to be expected.
 */
export async function untilQuiet(
  session: AppServerSession,
  threadId: string,
  signal?: AbortSignal,
): Promise<void> {
  const hold = session.hold();
  let isActive = false;
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const forget = [
    session.onClose(end),
    ...(signal === undefined ? [] : [onAbort(signal, end)]),
    session.onThread(threadId, ({ method, params }) => {
      if (method === 'thread/status/changed') isActive = params.status.type === 'active';
      // The status is idle before the turn is completed; a review ends with another turn than it began with.
      if (method === 'thread/closed' || (method === 'turn/completed' && !isActive)) end();
    }),
  ];
  try {
    await over;
  } finally {
    for (const each of forget) each();
    hold[Symbol.dispose]();
  }
}
