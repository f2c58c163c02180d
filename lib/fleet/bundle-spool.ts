import { mkdir, mkdtemp, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Secret } from '../redaction.js';
import { codeOf } from '../shapes.js';
import { timers } from '../timers.js';
import { BundleError, damaged, foreign } from './bundle-error.js';
import { ManifestReader, tokenIn, type BundleManifest } from './bundle-manifest.js';
import { RolloutName } from './rollout-name.js';
import { lastTurnOf } from './rollout-chain.js';
import { RolloutPass, type RolloutSummary } from './rollout-pass.js';

/** A file of a checked bundle, in a separate directory. */
export interface SpooledFile {
  readonly file: string;
  readonly name: RolloutName;
  readonly summary: RolloutSummary;
}

/** Properties of a {@link BundleSpool}. */
export interface BundleSpoolProps {
  /** The target home of the files: they are unpacked inside it, so that they can be moved atomically. */
  readonly home: string;
  readonly secret: Secret | undefined;
  /** The maximum total size of all files, in bytes. */
  readonly maxBytes: number;
  /** Checks the manifest before any file is read. */
  readonly accept: (manifest: BundleManifest) => void;
}

/** The maximum age of an unfinished import, in milliseconds. */
const oldestImportMs = 86_400_000;

/** Unpacks a bundle next to its target, and checks all of it before moving any file there. */
export class BundleSpool {
  readonly #props: BundleSpoolProps;
  readonly #directory: string;
  readonly #head = new ManifestReader();
  readonly #files: SpooledFile[] = [];
  #manifest: BundleManifest | null = null;
  #pass = new RolloutPass();
  #left = 0;
  #open: FileHandle | null = null;

  private constructor(props: BundleSpoolProps, directory: string) {
    this.#props = props;
    this.#directory = directory;
  }

  /**
   * Unpacks and checks a bundle; leaves no files if that fails.
   *
   * @throws `BundleError`; the error that destroyed the source
   */
  static async fill(source: Readable, props: BundleSpoolProps): Promise<BundleSpool> {
    const imports = join(props.home, 'codex-threads', 'imports');
    await mkdir(imports, { recursive: true, mode: 0o700 });
    await tidied(imports);
    const directory = await mkdtemp(join(imports, 'import-'));
    const spool = new BundleSpool(props, directory);
    try {
      await spool.#unpack(source);
      spool.#check();
      return spool;
    } catch (error) {
      await spool[Symbol.asyncDispose]();
      throw error;
    }
  }

  get manifest(): BundleManifest {
    if (this.#manifest === null) throw damaged('it ends inside its manifest');
    return this.#manifest;
  }

  /** The files in the order of the manifest. */
  get files(): readonly SpooledFile[] {
    return this.#files;
  }

  /** Whether its own rollout has a turn: codex-rs does not list earlier turns until they are indexed. */
  get hasOwnTurn(): boolean {
    return this.#files[0]?.summary.lastTurnId !== null;
  }

  /** Removes the files that were not moved. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #unpack(source: Readable): Promise<void> {
    const unzipped = source.pipe(createGunzip());
    source.once('error', (error) => unzipped.destroy(error));
    try {
      for await (const chunk of unzipped) await this.#take(chunk as Buffer);
    } catch (error) {
      source.destroy();
      const code = codeOf(error);
      if (typeof code === 'string' && code.startsWith('Z_'))
        throw damaged(`it cannot be decompressed (${code})`, error);
      throw error;
    }
    if (this.#left > 0 || this.#files.length < this.manifest.files.length)
      throw damaged('it ends before the end of its last file');
  }

  async #take(given: Buffer): Promise<void> {
    let chunk = given;
    if (this.#manifest === null) {
      const read = this.#head.accept(chunk, this.#props.secret);
      if (read === null) return;
      this.#examine(read.manifest);
      this.#manifest = read.manifest;
      chunk = read.rest;
      await this.#next();
    }
    while (chunk.length > 0) {
      if (this.#open === null) throw damaged('it has data after its last file');
      const piece = chunk.subarray(0, this.#left);
      this.#pass.accept(piece);
      await this.#open.writeFile(piece);
      this.#left -= piece.length;
      chunk = chunk.subarray(piece.length);
      if (this.#left === 0) await this.#finish();
    }
  }

  #examine(manifest: BundleManifest): void {
    const { maxBytes, accept } = this.#props;
    const bytes = manifest.files.reduce((sum, { size }) => sum + size, 0);
    if (bytes > maxBytes)
      throw new BundleError(
        'bundle-too-large',
        `The bundle was refused: its files are ${bytes} bytes, but maxBytes is ${maxBytes}. Pass a larger maxBytes if you trust its source.`,
      );
    accept(manifest);
  }

  async #next(): Promise<void> {
    const entry = this.manifest.files[this.#files.length];
    if (entry === undefined) return;
    this.#pass = new RolloutPass();
    this.#left = entry.size;
    this.#open = await open(this.#pathOf(this.#files.length), 'wx', 0o600);
    if (entry.size === 0) await this.#finish();
  }

  async #finish(): Promise<void> {
    const index = this.#files.length;
    const { path = '', sha256 } = this.manifest.files[index] ?? {};
    await this.#open?.sync();
    await this.#open?.close();
    this.#open = null;
    const summary = this.#pass.finish();
    const name = RolloutName.at(path);
    if (name === null || summary.sha256 !== sha256)
      throw damaged(`the digest of ${path} does not match`);
    if (summary.threadId !== name.threadId)
      throw foreign(`${path} belongs to thread ${summary.threadId}`);
    this.#files.push({ file: this.#pathOf(index), name, summary });
    await this.#next();
  }

  #pathOf(index: number): string {
    return join(this.#directory, String(index));
  }

  /** Checks that each file continues the next one, that there are no other files, and that the thread ends as in the token. */
  #check(): void {
    const { threadId } = this.manifest;
    const first = this.#files[0]?.name.threadId;
    if (first !== threadId)
      throw foreign(
        `its manifest has thread ${threadId}, but its first file has thread ${first ?? ''}`,
      );
    this.#files.forEach(({ name, summary: { base } }, index) => {
      const next = this.#files[index + 1];
      if (base === null ? next === undefined : isContinued(base, next)) return;
      throw foreign(`${name.text} does not continue the file after it`);
    });
    const { turnId } = tokenIn(this.manifest, this.#props.secret);
    const last = lastTurnOf(this.#files);
    if (last !== turnId)
      throw foreign(
        `it ends with turn ${last ?? '(none)'}, but its token ends with turn ${turnId ?? '(none)'}`,
      );
  }
}

/** Removes the files of processes that were killed during an import. */
async function tidied(imports: string): Promise<void> {
  const latest = timers.Date.now() - oldestImportMs;
  for (const name of await readdir(imports)) {
    const directory = join(imports, name);
    const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs < latest) await rm(directory, { recursive: true, force: true });
  }
}

function isContinued(
  { fileId, bytes }: { readonly fileId: string; readonly bytes: number },
  next: SpooledFile | undefined,
): boolean {
  return next?.name.fileId === fileId && next.summary.size === bytes;
}
