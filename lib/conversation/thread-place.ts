import { RequestError } from '../errors.js';
import type { LoadedThread } from '../loaded/loaded-thread.js';
import type { ThreadAttachments } from '../loaded/thread-attachments.js';
import { ThreadStateError } from '../loaded/thread-state-error.js';
import { wireEnvironments } from '../options/thread-environment.js';
import type { ThreadOptions } from '../options/thread-options.js';

/** What {@link refuseOtherPlace} looks at. */
export interface RecordedPlace {
  readonly threadId: string;
  /** What is stored with the thread, and with the thread whose sub-agent it is. */
  readonly stored: readonly ThreadAttachments[];
  /** What was asked for, such as `fork()`. */
  readonly action: string;
}

/**
 * Refuses a thread that is recorded to work in environments if its options name none: codex-rs forgets them, and would run
 * its commands on its own machine. A goal would begin a turn as soon as the thread is loaded, so that is too late.
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

/** Has a loaded thread work in the environments of its options, and records that with it. */
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
  // codex-rs takes attachments of a new thread only once it keeps it, and this changes nothing else of the thread.
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
