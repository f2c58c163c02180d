import { paged } from '../app-server/paged.js';
import type { LoadedThread } from './loaded-thread.js';
import type { Restoration } from './turn-settings.js';

const attachmentType = 'codex-threads.baseline';
const identityKey = 'settings';

/**
 * The thread's own settings, written down while a turn runs with others: like a write-ahead log, so that whoever loads the
 * thread after a crash puts them back before anything runs.
 */
export class StoredBaseline {
  readonly #thread: LoadedThread;

  constructor(thread: LoadedThread) {
    this.#thread = thread;
  }

  /** Writes down what must be put back. Needs a started turn. */
  async write(restoration: Restoration): Promise<void> {
    const { session, threadId } = this.#thread;
    await this.#remove();
    await session.request('thread/attachment/add', {
      threadId,
      attachmentType,
      identityKey,
      payload: restoration,
    });
  }

  /** Puts the settings back (`thread/settings/update`, which persists at once), then forgets them. */
  async restore(restoration: Restoration): Promise<void> {
    const { session, threadId } = this.#thread;
    await session.request('thread/settings/update', { threadId, ...restoration });
    await this.#remove();
  }

  /** Puts back what a process that crashed has left; else what the token of the thread's last turn says. */
  async recover(baseline: Restoration | null): Promise<void> {
    const left = (await this.#read()) ?? baseline;
    if (left !== null) await this.restore(left);
  }

  async #read(): Promise<Restoration | null> {
    const { session, threadId } = this.#thread;
    const attachments = paged(async (cursor) =>
      session.request('thread/attachment/list', { threadId, cursor }),
    );
    for await (const attachment of attachments)
      if (attachment.attachmentType === attachmentType) return attachment.payload as Restoration;
    return null;
  }

  async #remove(): Promise<void> {
    if (this.#thread.metadata.isEphemeral) return;
    const { session, threadId } = this.#thread;
    await session.request('thread/attachment/remove', { threadId, attachmentType, identityKey });
  }
}
