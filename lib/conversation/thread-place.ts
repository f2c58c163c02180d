import { RequestError } from '../errors.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import type { ThreadAttachments } from '../loaded/thread-attachments.js';
import { ThreadStateError } from '../loaded/thread-state-error.js';
import { wireEnvironments } from '../options/thread-environment.js';
import type { ThreadOptions } from '../options/thread-options.js';

/** Properties of {@link refuseOtherPlace}. */
export interface RecordedPlace {
  readonly threadId: string;
  /** The attachments of the thread and of its parent thread. */
  readonly stored: readonly ThreadAttachments[];
  /** The requested action, such as `fork()`. */
  readonly action: string;
}

/**
 * Rejects a thread that is recorded as running in environments if its options do not name any: codex-rs forgets them, and
 * would run its commands on its own machine. A check after loading is too late: a goal begins a turn as soon as the thread
 * is loaded.
 *
 * @throws {@link ThreadStateError} `thread-in-environments`
 */
export async function refuseOtherPlace(
  { environments: chosen }: ThreadOptions,
  { threadId, stored, action }: RecordedPlace,
): Promise<void> {
  if (chosen !== undefined) return;
  for (const attachments of stored) {
    const environments = await recorded(attachments);
    if (environments.length > 0)
      throw new ThreadStateError({
        code: 'thread-in-environments',
        threadId,
        action,
        environments,
      });
  }
}

/** Sets the environments of the options on a loaded thread, and stores them with it. */
export async function enterPlace(
  loaded: LoadedThread,
  { environments = [] }: ThreadOptions,
  isNew: boolean,
): Promise<void> {
  const selection = wireEnvironments(environments);
  if (selection === undefined) return;
  const { session, threadId, attachments, metadata } = loaded;
  loaded.environments = selection;
  if (!isNew)
    await session.request('thread/settings/update', { threadId, environments: selection });
  if (metadata.isEphemeral) return;
  // codex-rs accepts attachments of a new thread only once it is stored; this does not change the thread otherwise.
  if (isNew)
    await session.request('thread/metadata/update', { threadId, gitInfo: { branch: null } });
  await attachments.keepEnvironments(environments);
}

async function recorded(attachments: ThreadAttachments): Promise<readonly string[]> {
  try {
    return await attachments.environments();
  } catch (error) {
    // The thread cannot be resumed either, and that error gives the reason.
    if (RequestError.is(error)) return [];
    throw error;
  }
}
