import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { codeOf } from '../shapes.js';
import { timers } from '../timers.js';
import { synced } from './synced.js';
import { goneBundle } from './thread-conflict-error.js';
import { ThreadStore, type StoredValue, type WrittenValue } from './thread-store.js';

/** Properties of a {@link DirectoryThreadStore}. @inline */
export interface DirectoryThreadStoreProps {
  /** The directory, created when it is first needed. */
  readonly directory: string;
}

/**
 * Stores threads in a directory, which any number of processes may share. A save is on disk when it resolves and is atomic;
 * of two concurrent saves, one rejects with a `ThreadConflictError`.
 *
 * @example
 * ```ts
 * const store = new DirectoryThreadStore({ directory });
 * const version = await store.save('ticket/PAY-123', next, { ifVersion: null });
 *
 * const stored = await store.load('ticket/PAY-123');
 * console.log(stored?.version === version, stored?.record.threadId === thread.threadId); // true true
 * ```
 */
export class DirectoryThreadStore extends ThreadStore {
  // Each key has a directory with one file `state-<id>`. To replace it, a process renames that file, which only one process
  // can do, and creates its own: `claim-<id>-<next>` marks `draft-<next>` as the state in case the process dies in between.
  readonly #directory: string;

  constructor({ directory }: DirectoryThreadStoreProps) {
    super();
    this.#directory = directory;
  }

  protected override async read(key: string): Promise<StoredValue | null> {
    const folder = this.#folderOf(key);
    const state = await stateIn(folder);
    if (typeof state?.record !== 'string') return null;
    const { id, record, hasBundle } = state;
    return { version: id, record, bundle: hasBundle ? () => bundleIn(folder, state) : null };
  }

  protected override async write(
    key: string,
    { record, bundle }: WrittenValue,
    ifVersion: string | null,
  ): Promise<string | null> {
    const folder = this.#folderOf(key);
    const before = (await stateIn(folder)) ?? (await this.#begin(key));
    if ((before.record === null ? null : before.id) !== ifVersion) return null;
    const next = { id: randomUUID(), key, record, hasBundle: bundle !== null };
    return (await replaced(folder, before, next, bundle)) ? next.id : null;
  }

  protected override async remove(key: string): Promise<void> {
    const folder = this.#folderOf(key);
    for (;;) {
      const before = await stateIn(folder);
      if (typeof before?.record !== 'string') return;
      const next = { id: randomUUID(), key, record: null, hasBundle: false };
      if (await replaced(folder, before, next, null)) return;
    }
  }

  protected override async *keys(): AsyncGenerator<string> {
    for (const name of await namesIn(this.#directory)) {
      if (!/^[0-9a-f]{64}$/.test(name)) continue;
      const state = await stateIn(join(this.#directory, name));
      if (typeof state?.record === 'string') yield state.key;
    }
  }

  /** A key may have any length and any characters; the name of a directory may not. */
  #folderOf(key: string): string {
    return join(this.#directory, createHash('sha256').update(key).digest('hex'));
  }

  /** Creates the directory of a key with an empty state; or finds the one of another process. */
  async #begin(key: string): Promise<State> {
    const folder = this.#folderOf(key);
    const nothing = { id: randomUUID(), key, record: null, hasBundle: false };
    const draft = join(this.#directory, `new-${nothing.id}`);
    await mkdir(draft, { recursive: true, mode: 0o700 });
    await written(join(draft, `state-${nothing.id}`), JSON.stringify(nothing));
    try {
      await rename(draft, folder);
      await synced(this.#directory);
      return nothing;
    } catch (error) {
      await rm(draft, { recursive: true });
      const code = codeOf(error);
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'EPERM') throw error;
      return (await stateIn(folder)) ?? nothing;
    }
  }
}

/** One state of a key. */
interface State {
  readonly id: string;
  readonly key: string;
  /** Null if there is no value: before the first save, and after a deletion. */
  readonly record: string | null;
  readonly hasBundle: boolean;
}

/** The maximum age of an unfinished file, in milliseconds. */
const oldestDraftMs = 86_400_000;

/** The maximum number of reads of a state that is being replaced. */
const mostTries = 10_000;

/** The state of a key, or null before the first one. */
async function stateIn(folder: string): Promise<State | null> {
  for (let triesLeft = mostTries; triesLeft > 0; triesLeft -= 1) {
    const names = await namesIn(folder);
    if (names.length === 0) return null;
    const name = names.find((name) => name.startsWith('state-'));
    const state = name === undefined ? null : await stateOf(join(folder, name));
    // Otherwise another process is saving, or died during a save.
    if (state !== null) return state;
    for (const claim of names) await fulfilled(folder, claim);
  }
  throw new Error(
    `${folder} contains no saved state: another program changed its content. Restore it, or remove it.`,
  );
}

async function stateOf(file: string): Promise<State | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as State;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Completes the save of a process that has claimed a state: the outcome is already decided. */
async function fulfilled(folder: string, claim: string): Promise<void> {
  const [, next] = /^claim-[^_]+_(.+)$/.exec(claim) ?? [];
  if (next !== undefined)
    await wasRenamed(join(folder, `draft-${next}`), join(folder, `state-${next}`));
}

async function replaced(
  folder: string,
  before: State,
  next: State,
  bundle: Readable | null,
): Promise<boolean> {
  const [draft, claim] = [`draft-${next.id}`, `claim-${before.id}_${next.id}`];
  let isOurs = false;
  try {
    if (bundle !== null) await written(join(folder, `bundle-${next.id}`), bundle);
    await written(join(folder, draft), JSON.stringify(next));
    isOurs = await wasRenamed(join(folder, `state-${before.id}`), join(folder, claim));
  } finally {
    if (!isOurs)
      for (const name of [draft, `bundle-${next.id}`])
        await rm(join(folder, name), { force: true });
  }
  if (!isOurs) return false;
  await fulfilled(folder, claim);
  await synced(folder);
  await tidied(folder, before, claim);
  return true;
}

/** Removes replaced states, and the files of processes that died before claiming a state. */
async function tidied(folder: string, before: State, claim: string): Promise<void> {
  for (const name of [claim, `bundle-${before.id}`]) await rm(join(folder, name), { force: true });
  const current = await stateIn(folder);
  const latest = timers.Date.now() - oldestDraftMs;
  for (const name of await namesIn(folder)) {
    if (name.startsWith('state-') || name === `bundle-${current?.id ?? ''}`) continue;
    const file = join(folder, name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs < latest) await rm(file, { force: true });
  }
}

function bundleIn(folder: string, { id, key }: State): Readable {
  const file = createReadStream(join(folder, `bundle-${id}`));
  return Readable.from(told(file, key), { objectMode: false });
}

async function* told(file: AsyncIterable<Buffer>, key: string): AsyncGenerator<Buffer> {
  try {
    yield* file;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw goneBundle(key, error);
  }
}

async function written(file: string, content: string | Readable): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    if (typeof content === 'string') await handle.writeFile(content);
    else for await (const chunk of content) await handle.writeFile(chunk as Buffer);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether this call renamed the file: it existed, and no other process was faster. */
async function wasRenamed(file: string, name: string): Promise<boolean> {
  try {
    await rename(file, name);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
