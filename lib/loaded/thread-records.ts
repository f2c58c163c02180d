import { RequestError } from '../errors.js';
import type { JsonValue } from '../protocol/index.js';
import { isPlainObject } from '../shapes.js';
import type { Requester } from './requester.js';

/** What is stored with a thread: by type, then by key. */
export type RecordedAttachments = Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;

/**
 * What this library stores with a thread, in a file of the Codex home beside the thread's own. Attachments are in the
 * database, which machines that share a home do not share.
 */
export class ThreadRecords {
  readonly #server: Requester;
  readonly #threadId: string;

  constructor(server: Requester, threadId: string) {
    this.#server = server;
    this.#threadId = threadId;
  }

  /** What is recorded, or null if nothing is, or this client shares no home. */
  async read(): Promise<RecordedAttachments | null> {
    const path = this.#path;
    if (path === null) return null;
    try {
      const { dataBase64 } = await this.#server.request('fs/readFile', { path });
      const recorded: unknown = JSON.parse(Buffer.from(dataBase64, 'base64').toString());
      return isPlainObject(recorded) && Object.values(recorded).every(isPlainObject)
        ? (recorded as RecordedAttachments)
        : null;
    } catch (error) {
      // There is none, or a process was killed while it wrote.
      if (RequestError.is(error) || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  /** Records this in place of what was. */
  async write(attachments: RecordedAttachments): Promise<void> {
    const [path, root = null] = [this.#path, this.#server.recordsRoot];
    if (path === null || root === null) return;
    await this.#server.request('fs/createDirectory', { path: root });
    const dataBase64 = Buffer.from(JSON.stringify(attachments)).toString('base64');
    await this.#server.request('fs/writeFile', { path, dataBase64 });
  }

  /** The thread is gone. */
  async remove(): Promise<void> {
    const path = this.#path;
    if (path !== null) await this.#server.request('fs/remove', { path, force: true });
  }

  get #path(): string | null {
    const { recordsRoot: root = null } = this.#server;
    if (root === null) return null;
    return [root, `${this.#threadId}.json`].join(root.includes('\\') ? '\\' : '/');
  }
}
