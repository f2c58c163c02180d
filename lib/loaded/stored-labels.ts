import type { AppServerSession } from '../wire/app-server-session.js';
import { paged } from '../wire/paged.js';
import { Labels } from '../record/labels.js';

const attachmentType = 'codex-threads.label';

/** Anything that sends typed requests: a session, or the supervisor of sessions. */
export type Requester = Pick<AppServerSession, 'request'>;

/**
 * The labels codex-rs keeps for a thread: one attachment each, `name=value` as its key, so that threads can be found by
 * them (`thread/attachmentOwner/list`).
 */
export class StoredLabels {
  readonly #server: Requester;
  readonly #threadId: string;

  constructor(server: Requester, threadId: string) {
    this.#server = server;
    this.#threadId = threadId;
  }

  /** The ids of the threads that have all these labels. */
  static async find(server: Requester, labels: Labels, archived: boolean): Promise<string[]> {
    const owners = await Promise.all(
      keysOf(labels).map(async (key) => ownersOf(server, key, archived)),
    );
    const [first = new Set<string>(), ...others] = owners;
    return [...first].filter((id) => others.every((ids) => ids.has(id)));
  }

  /** What is stored now. Reading works without loading the thread. */
  async read(): Promise<Labels> {
    return Labels.from(
      (await this.#keys()).map((key): [string, string] => {
        const split = key.indexOf('=');
        return [key.slice(0, split), key.slice(split + 1)];
      }),
    );
  }

  /** Makes the stored labels these. Needs a started turn. */
  async write(labels: Labels): Promise<void> {
    const wanted = new Set(keysOf(labels));
    for (const identityKey of await this.#keys())
      if (!wanted.delete(identityKey)) await this.#change('thread/attachment/remove', identityKey);
    for (const identityKey of wanted) await this.#change('thread/attachment/add', identityKey);
  }

  async #change(
    method: 'thread/attachment/add' | 'thread/attachment/remove',
    identityKey: string,
  ): Promise<void> {
    const params = { threadId: this.#threadId, attachmentType, identityKey, payload: {} };
    await this.#server.request(method, params);
  }

  async #keys(): Promise<string[]> {
    const keys: string[] = [];
    const attachments = paged(async (cursor) =>
      this.#server.request('thread/attachment/list', { threadId: this.#threadId, cursor }),
    );
    for await (const attachment of attachments)
      if (attachment.attachmentType === attachmentType && /^[^=]+=./s.test(attachment.identityKey))
        keys.push(attachment.identityKey);
    return keys;
  }
}

function keysOf(labels: Labels): string[] {
  return [...labels].map(([name, value]) => `${name}=${value}`);
}

async function ownersOf(server: Requester, key: string, archived: boolean): Promise<Set<string>> {
  const ids = new Set<string>();
  const owners = paged(async (cursor) =>
    server.request('thread/attachmentOwner/list', {
      attachmentType,
      identityKey: key,
      archived,
      cursor,
    }),
  );
  for await (const { threadId } of owners) ids.add(threadId);
  return ids;
}
