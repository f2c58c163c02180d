import type { ThreadSettingsUpdateParams } from '../protocol/index.js';
import { paged } from '../wire/paged.js';
import { isPlainObject } from '../shapes.js';
import { sandboxIn, type OwnSandbox } from './own-sandbox.js';
import type { Requester } from './stored-labels.js';

const attachmentType = 'codex-threads.baseline';

/** What `thread/settings/update` puts back after a turn with settings of its own. */
export type Restoration = Omit<ThreadSettingsUpdateParams, 'threadId'>;

/** What a home keeps of a thread's own settings. */
export interface Baseline {
  /** What a turn with other settings has left to be put back, or null. */
  readonly settings: Restoration | null;
  /** The sandbox that the thread last ran in by itself, or null; codex-rs forgets `workspace-write`. */
  readonly sandbox: OwnSandbox | null;
}

/**
 * The thread's own settings, written down while a turn runs with others: like a write-ahead log, so that whoever loads the
 * thread after a crash puts them back before anything runs. Beside them, the thread's own sandbox.
 */
export class StoredBaseline {
  readonly #server: Requester;
  readonly #threadId: string;

  constructor(server: Requester, threadId: string) {
    this.#server = server;
    this.#threadId = threadId;
  }

  /** What is stored now. Reading works without loading the thread. */
  async read(): Promise<Baseline> {
    let settings: Restoration | null = null;
    let sandbox: OwnSandbox | null = null;
    const attachments = paged(async (cursor) =>
      this.#server.request('thread/attachment/list', { threadId: this.#threadId, cursor }),
    );
    for await (const { attachmentType: type, identityKey, payload } of attachments) {
      if (type !== attachmentType || !isPlainObject(payload)) continue;
      if (identityKey === 'settings') settings = payload;
      if (identityKey === 'sandbox') sandbox = sandboxIn(payload);
    }
    return { settings, sandbox };
  }

  /** Writes down one part, which is not there. Needs a started turn. */
  async add<Part extends keyof Baseline>(
    identityKey: Part,
    payload: NonNullable<Baseline[Part]>,
  ): Promise<void> {
    const params = { threadId: this.#threadId, attachmentType, identityKey, payload };
    await this.#server.request('thread/attachment/add', params);
  }

  /** Forgets one part. */
  async remove(identityKey: keyof Baseline): Promise<void> {
    const params = { threadId: this.#threadId, attachmentType, identityKey };
    await this.#server.request('thread/attachment/remove', params);
  }
}
