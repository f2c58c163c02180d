import type { AppServerSession } from '../wire/app-server-session.js';
import { TransportError } from '../errors.js';
import type { ThreadUnsubscribeResponse } from '../protocol/index.js';
import { isTestedCodexVersion, testedRange } from '../version.js';
import { within } from '../within.js';

/**
 * Unloads a thread (`thread/unsubscribe`) and waits until codex-rs reports that it is closed: then its writer lock is free,
 * and it can be loaded again.
 *
 * @throws {@link TransportError} `timeout` if codex-rs does not report it in time
 */
export async function unloadThread(
  session: AppServerSession,
  threadId: string,
  timeoutMs = 10_000,
): Promise<ThreadUnsubscribeResponse> {
  const over = new AbortController();
  // An exiting process releases its locks too.
  const closed = session.until(threadId, {
    told: ({ method }) => method === 'thread/closed',
    signal: over.signal,
  });
  try {
    const response = await session.request('thread/unsubscribe', { threadId });
    const late = (): TransportError =>
      new TransportError(
        `codex-rs did not unload thread ${threadId} within ${timeoutMs} ms, so its writer lock may still be held. ${advice(session)}`,
        { code: 'timeout' },
      );
    // On an independent server it stays loaded, for its other users or for that server's idle time.
    if (session.ownership === 'own' && response.status !== 'notLoaded')
      await within(closed, { timeoutMs, late });
    return response;
  } finally {
    over.abort();
  }
}

/** An older codex-rs does not support the setting that unloads threads immediately. */
function advice({ codexVersion }: AppServerSession): string {
  const check = 'Check that the configuration does not set thread_unload_delay_secs';
  if (isTestedCodexVersion(codexVersion)) return `${check}.`;
  return `${check}, and that codex-rs ${codexVersion ?? 'of an unknown version'} supports it. This package is tested with ${testedRange}.`;
}
