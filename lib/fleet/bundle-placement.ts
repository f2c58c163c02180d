import { link, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { codeOf } from '../shapes.js';
import { BundleError } from './bundle-error.js';
import type { SpooledFile } from './bundle-spool.js';
import { placesOf, readStart } from './rollout-chain.js';
import { synced } from './synced.js';

/** Moves the files of a checked bundle to their places in the Codex home. */
export class BundlePlacement {
  readonly #home: string;
  readonly #files: readonly SpooledFile[];

  constructor(home: string, files: readonly SpooledFile[]) {
    this.#home = home;
    this.#files = files;
  }

  /**
   * The files that are missing here. A file of another thread, which this one was forked from, may already exist.
   *
   * @throws `BundleError` `bundle-in-the-way` if a different file is in its place; nothing is changed
   */
  async missing(threadId: string): Promise<readonly SpooledFile[]> {
    const missing: SpooledFile[] = [];
    for (const file of this.#files)
      if (file.name.threadId === threadId || !(await this.#isHere(file))) missing.push(file);
    return missing;
  }

  /** Moves files to their places; the thread's own file is last, so that codex-rs never finds a thread without its history. */
  async place(files: readonly SpooledFile[]): Promise<void> {
    for (const { file, name } of [...files].reverse()) {
      const target = join(this.#home, name.path);
      await mkdir(dirname(target), { recursive: true });
      await linked(file, target);
      await synced(dirname(target));
    }
  }

  /**
   * Extends the thread's own files in place if all existing ones are prefixes of those in the bundle.
   *
   * @returns whether they were
   */
  async extend(threadId: string): Promise<boolean> {
    const own = this.#files.filter(({ name }) => name.threadId === threadId);
    for (const { name, file } of own) {
      const target = join(this.#home, name.path);
      const size = await sizeOf(target);
      if (size !== null && !(await isSame(target, file, size))) return false;
    }
    for (const { name, file } of [...own].reverse()) await moved(file, join(this.#home, name.path));
    return true;
  }

  async #isHere({ file, name, summary: { size } }: SpooledFile): Promise<boolean> {
    for (const place of placesOf(this.#home, name)) {
      const there = await sizeOf(place);
      if (there === null) continue;
      if (there >= size && (await isSame(place, file, size))) return true;
      throw new BundleError(
        'bundle-in-the-way',
        `The bundle was refused: it requires the first ${size} bytes of ${name.text}, but ${place} differs. Import thread ${name.threadId} first, or delete it here.`,
      );
    }
    return false;
  }
}

/** Not renamed: an existing file is left unchanged, and is an error. */
async function linked(file: string, target: string): Promise<void> {
  try {
    await link(file, target);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new BundleError(
      'bundle-in-the-way',
      `The bundle was refused: ${target} already exists, because another process created it during the import. Import the bundle again.`,
      error,
    );
  }
  await rm(file);
}

async function moved(file: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await rename(file, target);
  await synced(dirname(target));
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** Whether two files begin with the same bytes. */
async function isSame(one: string, other: string, bytes: number): Promise<boolean> {
  const otherSize = await sizeOf(other);
  if (otherSize === null || otherSize < bytes) return false;
  const digests = [await digestOf(one, bytes), await digestOf(other, bytes)];
  return digests[0] === digests[1];
}

async function digestOf(file: string, bytes: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readStart(file, bytes)) hash.update(chunk);
  return hash.digest('hex');
}
