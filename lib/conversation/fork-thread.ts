import { ThreadAttachments } from '../loaded/thread-attachments.js';
import { ThreadHistory } from '../loaded/thread-history.js';
import type { ThreadOptions } from '../options/thread-options.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { ForkedThread, ForkPoint, ThreadBackend } from '../thread/thread-backend.js';
import type { AppServer } from '../wire/app-server.js';
import type { LiveThread } from './live-thread.js';
import { ThreadFork } from './thread-fork.js';

/** Properties of a fork. */
export interface ForkSource {
  readonly appServer: AppServer;
  /** Creates the conversation of a thread that begins as a fork. */
  readonly begin: (
    fork: ThreadFork,
    options: ThreadOptions,
  ) => ThreadBackend & { readonly thread: LiveThread };
  readonly thread: LiveThread;
  readonly threadId: string;
}

/** Begins a thread with the history of another one, up to a point, and with its labels. */
export async function forkThread(
  { thread, threadId, appServer, begin }: ForkSource,
  point: ForkPoint,
  options: ThreadOptions,
): Promise<ForkedThread> {
  const { turnId } = thread.continuation ?? {};
  const isOpen = point.at === undefined && point.before === undefined;
  // Another client may have continued the thread: the fork has the state known to this client.
  const at = isOpen && thread.loaded === null && typeof turnId === 'string' ? { at: turnId } : {};
  await thread.putBack();
  const source = await new ThreadHistory(appServer, threadId).read();
  const known = thread.loaded?.overrides.own ?? {};
  const sourceAttachments = new ThreadAttachments(appServer, threadId);
  const fork = new ThreadFork({ source, sourceAttachments, known, point: { ...point, ...at } });
  const backend = begin(fork, options);
  const forkId = await backend.open();
  if (options.ephemeral === true)
    return { backend, labels: (await sourceAttachments.labels()).merge(options.labels) };
  backend.thread.moveTo(await new ThreadHistory(appServer, forkId).lastTurnId());
  const attachments =
    backend.thread.loaded?.attachments ?? new ThreadAttachments(appServer, forkId);
  const labels = (await attachments.labels()).merge(options.labels);
  if (options.labels.size > 0)
    await attachments
      .ifPossible('labels', async () => attachments.writeLabels(labels))
      .catch((error: unknown) => {
        reportProblem(forkId, 'labels', error);
      });
  return { backend, labels };
}
