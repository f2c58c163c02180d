import type { AppServerSession } from '../wire/app-server-session.js';
import { TransportError } from '../errors.js';
import type { ThreadUnsubscribeResponse } from '../protocol/index.js';
import { isTestedCodexVersion, testedRange } from '../version.js';
import { within } from '../within.js';

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
  const over = new AbortController();
  // A process that ends frees its locks too.
  const closed = session.until(threadId, {
    told: ({ method }) => method === 'thread/closed',
    signal: over.signal,
  });
  try {
    const response = await session.request('thread/unsubscribe', { threadId });
    const late = (): TransportError =>
      new TransportError(
        `codex-rs did not unload thread ${threadId} within ${timeoutMs} ms, so its writer lock may still be taken. ${advice(session)}`,
        { code: 'timeout' },
      );
    // Elsewhere it stays loaded, for whoever else uses it or for as long as that server is set to.
    if (session.ownership === 'own' && response.status !== 'notLoaded')
      await within(closed, { timeoutMs, late });
    return response;
  } finally {
    over.abort();
  }
}

/** An older codex-rs does not know the setting that unloads threads at once. */
function advice({ codexVersion }: AppServerSession): string {
  const question = 'Does the configuration set thread_unload_delay_secs';
  if (isTestedCodexVersion(codexVersion)) return `${question}?`;
  return `${question}, or does codex-rs ${codexVersion ?? 'of an unknown version'} not know it? This package is tested with ${testedRange}.`;
}
