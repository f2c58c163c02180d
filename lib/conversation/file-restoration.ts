import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { CodexError } from '../errors.js';
import { blobOf, fileDiffs, undone, type FileDiff } from '../turn/file-diff.js';
import { leftOut, type TurnDiff } from './turn-diffs.js';

/** The root of the directory's git repository, or null. */
export function repositoryOf(directory: string): string | null {
  for (let at = resolve(directory); ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return null;
  }
}

/** Undoes the file changes of turns if the files have not changed since. Writes nothing before all files are checked. */
export class FileRestoration {
  readonly #now = new Map<string, Buffer | null>();
  readonly #then = new Map<string, Buffer | null>();
  readonly #changed = new Set<string>();

  /** The files that were changed otherwise since then, or that cannot be restored. */
  get changed(): readonly string[] {
    return [...this.#changed].sort();
  }

  /** Undoes one turn in memory; the newest turn comes first. */
  async undo(turn: TurnDiff, root: string): Promise<void> {
    for (const file of fileDiffs(turn.diff)) await this.#undoFile(file, root);
    for (const path of leftOut(turn, root))
      // A file that was added and deleted again is not in a diff.
      if ((await this.#contentOf(path)) !== null) this.#changed.add(path);
  }

  /**
   * Writes the restored files.
   *
   * @throws {@link CodexError} `files-not-restored` if one cannot be written; no file is changed in that case
   */
  async write(): Promise<void> {
    const written: string[] = [];
    try {
      for (const [path, content] of this.#then) {
        written.push(path);
        await put(path, content);
      }
    } catch (cause) {
      for (const path of written)
        await put(path, this.#now.get(path) ?? null).catch(() => undefined);
      throw new CodexError(
        `The file ${written.at(-1) ?? ''} cannot be written, so no file was restored and no turn was reverted: make the file writable, then try again.`,
        { code: 'files-not-restored', cause },
      );
    }
  }

  async #undoFile(file: FileDiff, root: string): Promise<void> {
    const [from, to] = [file.from, file.to].map((name) =>
      name === null ? null : resolve(root, name),
    );
    const paths = [from, to].filter((path) => typeof path === 'string');
    const here = to ?? null;
    const after = here === null ? null : await this.#contentOf(here);
    const before = file.from === null ? null : undone(file, after);
    const isOccupied =
      typeof from === 'string' && from !== to && (await this.#contentOf(from)) !== null;
    const isAsLeft = blobOf(after) === file.blobs.after && !isOccupied;
    const isUndone = file.from === null || before !== null;
    if (!isAsLeft || !isUndone || paths.some((path) => isOutside(root, path))) {
      for (const path of paths) this.#changed.add(path);
      return;
    }
    if (here !== null && here !== from) this.#then.set(here, null);
    if (typeof from === 'string') this.#then.set(from, before);
  }

  /** The content undone so far; null if there is no file. */
  async #contentOf(path: string): Promise<Buffer | null> {
    const known = this.#then.get(path);
    if (known !== undefined) return known;
    if (!this.#now.has(path)) this.#now.set(path, await contentOf(path));
    return this.#now.get(path) ?? null;
  }
}

/** For anything but a regular file, a content that does not match any diff. */
async function contentOf(path: string): Promise<Buffer | null> {
  try {
    return (await lstat(path)).isFile() ? await readFile(path) : Buffer.from(`\0${path}`);
  } catch {
    return null;
  }
}

function isOutside(root: string, path: string): boolean {
  const way = relative(root, path);
  return /^\.\.(?:[/\\]|$)/.test(way) || isAbsolute(way);
}

async function put(path: string, content: Buffer | null): Promise<void> {
  if (content === null) {
    await rm(path, { force: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
