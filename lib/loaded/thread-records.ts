import { RequestError } from '../errors.js';
import type { JsonValue } from '../protocol/index.js';
import { isPlainObject } from '../shapes.js';
import type { Requester } from './requester.js';

/** The stored data of a thread: by type, then by key. */
export type RecordedAttachments = Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;

/**
 * The data that this library stores with a thread, in a file of the Codex home next to the thread's own. Attachments are in
 * the database, which is not shared between machines that share a home.
 */
export class ThreadRecords {
  readonly #server: Requester;
  readonly #threadId: string;

  constructor(server: Requester, threadId: string) {
    this.#server = server;
    this.#threadId = threadId;
  }

  /** The record, or null if there is none, or if the home of this client is not shared. */
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
      // There is no record, or a process was killed while writing it.
      if (RequestError.is(error) || error instanceof SyntaxError) return null;
      throw error;
    }
  }

  /** Replaces the record. */
  async write(attachments: RecordedAttachments): Promise<void> {
    const [path, root = null] = [this.#path, this.#server.recordsRoot];
    if (path === null || root === null) return;
    await this.#server.request('fs/createDirectory', { path: root });
    const dataBase64 = Buffer.from(JSON.stringify(attachments)).toString('base64');
    await this.#server.request('fs/writeFile', { path, dataBase64 });
  }

  /** The thread was deleted. */
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
