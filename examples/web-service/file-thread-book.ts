import { readFile, rename, writeFile } from 'node:fs/promises';
import type { ThreadBook, ThreadPlace } from './thread-book.js';

/** A book in one file, for one process. */
export class FileThreadBook implements ThreadBook {
  readonly #path: string;
  #last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async find(conversation: string): Promise<ThreadPlace | null> {
    return (await this.#rows()).get(conversation) ?? null;
  }

  async save(conversation: string, place: ThreadPlace): Promise<void> {
    this.#last = this.#last
      .catch(() => undefined)
      .then(async () => this.#write(conversation, place));
    return this.#last;
  }

  async #rows(): Promise<Map<string, ThreadPlace>> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '[]';
      throw error;
    });
    return new Map(JSON.parse(text) as [string, ThreadPlace][]);
  }

  async #write(conversation: string, place: ThreadPlace): Promise<void> {
    const rows = (await this.#rows()).set(conversation, place);
    await writeFile(`${this.#path}.new`, JSON.stringify([...rows]));
    await rename(`${this.#path}.new`, this.#path);
  }
}
