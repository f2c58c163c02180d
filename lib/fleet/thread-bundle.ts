import type { Readable } from 'node:stream';
import type { Codex } from '../codex.js';
import { ValidationError } from '../errors.js';
import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import { movingTypes } from '../loaded/thread-attachments.js';
import { ThreadStateError } from '../loaded/thread-state-error.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { Thread } from '../thread/thread.js';
import type { ThreadBuilder } from '../thread/thread-builder.js';
import { isAtLeast } from '../version.js';
import { BundleError, foreign } from './bundle-error.js';
import { BundlePlacement } from './bundle-placement.js';
import { headOf, tokenIn, type BundledAttachment, type BundleManifest } from './bundle-manifest.js';
import { BundleSpool } from './bundle-spool.js';
import { bundleStream } from './bundle-stream.js';
import { rolloutChain, type ChainedFile } from './rollout-chain.js';
import { PlacedThread } from './placed-thread.js';

/** How a bundle is imported. */
export interface ImportOptions {
  /** Describes the thread; defaults to `codex.thread()`. */
  readonly thread?: ThreadBuilder;
  /** The expected thread and state; any other bundle is rejected. */
  readonly expected?: {
    /** The id of the thread. */
    readonly threadId: string;
    /** The text of its continuation token. */
    readonly continuation?: string;
  };
  /** The maximum size of its files, decompressed, in bytes. Defaults to 4 GiB. */
  readonly maxBytes?: number;
  /** Behavior if a newer codex-rs than the local one wrote it: `warn` (the default, over telemetry) or `refuse`. */
  readonly onNewerCodex?: 'warn' | 'refuse';
}

const defaultMaxBytes = 4 * 2 ** 30;

/**
 * A thread as one stream of bytes, to be continued on another machine: its rollout files, including those it was forked or
 * reverted from, and the data that this library stores with it. It does not contain a login, a key or configuration.
 *
 * @example
 * ```ts
 * const bundle = await ThreadBundle.export(here, thread);
 * await pipeline(bundle.stream(), createWriteStream(file));
 *
 * const moved = await ThreadBundle.import(there, createReadStream(file));
 * await moved.run('And now the tests');
 * console.log(moved.threadId === thread.threadId, moved.labels.get('ticket')); // true PAY-123
 * ```
 */
export class ThreadBundle {
  /** The manifest of the bundle. */
  readonly manifest: BundleManifest;
  readonly #chain: readonly ChainedFile[];
  readonly #head: string;

  private constructor(manifest: BundleManifest, chain: readonly ChainedFile[], head: string) {
    this.manifest = manifest;
    this.#chain = chain;
    this.#head = head;
    Object.freeze(this);
  }

  /**
   * Captures the current state of a thread, which may stay loaded. Its files are read once here and once by
   * {@link ThreadBundle.stream}; later additions to the thread are not in the bundle.
   *
   * @throws `ThreadBusyError` while a turn runs on it; `ThreadStateError` for a thread that never ran, is archived or ephemeral
   * @throws {@link BundleError} `rollout-unreadable` if its files are not on this machine
   */
  static async export(codex: Codex, thread: Thread): Promise<ThreadBundle> {
    const action = 'ThreadBundle.export()';
    const { continuation, threadId } = thread;
    if (continuation === null || threadId === null)
      throw new ThreadStateError({ code: 'thread-never-ran', threadId, action });
    // Before the files: settings restored meanwhile are then restored twice, but never lost.
    const attachments = await movingAttachmentsOf(thread);
    const { isArchived, path, name, status } = await thread.read();
    if (isArchived) throw new ThreadStateError({ code: 'thread-archived', threadId, action });
    if (status === 'active') throw new ThreadBusyError(threadId, { action });
    if (path === null) throw new ThreadStateError({ code: 'thread-ephemeral', threadId, action });
    const { codexHome, version } = await codex.serverInfo();
    const chain = await rolloutChain(codexHome, path, continuation.turnId);
    const manifest = {
      threadId,
      continuation: String(continuation),
      codexVersion: version,
      name,
      attachments,
      files: chain.map(({ name: { path }, summary: { size, sha256 } }) => ({ path, size, sha256 })),
    };
    const head = headOf(manifest, codex.options.continuationSecret);
    return new ThreadBundle(Object.freeze(manifest), chain, head);
  }

  /**
   * Imports the thread of a bundle into the home of a client, replacing its copy there, and loads it. The whole bundle is
   * checked before any change to the home.
   *
   * @throws {@link BundleError} if it is rejected
   * @throws `ThreadBusyError` if the thread is loaded here, in this client or in another process
   * @throws `ResumeRejectedError` if the thread in codex-rs does not have the expected state
   */
  static async import(
    codex: Codex,
    source: Readable,
    options: ImportOptions = {},
  ): Promise<Thread> {
    const { codexHome, version } = await codex.serverInfo();
    const secret = codex.options.continuationSecret;
    const { maxBytes = defaultMaxBytes } = options;
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0)
      throw new ValidationError('import options', [
        { path: 'maxBytes', reason: `must be an integer number of bytes, got ${String(maxBytes)}` },
      ]);
    await using spool = await BundleSpool.fill(source, {
      home: codexHome,
      secret,
      maxBytes,
      accept: (manifest) => {
        checkExpected(manifest, options);
        checkVersion(manifest, version, options);
      },
    });
    const { manifest, files, hasOwnTurn } = spool;
    const placed = new PlacedThread(codex, manifest, new BundlePlacement(codexHome, files));
    await placed.place();
    const token = tokenIn(manifest, secret);
    return await placed.load(options.thread ?? codex.thread(), hasOwnTurn ? token : null);
  }

  /** The state of the thread in the bundle. */
  get continuation(): string {
    return this.manifest.continuation;
  }

  /** The compressed bytes. Returns a new stream for each call, as long as the files exist. */
  stream(): Readable {
    return bundleStream(this.#head, this.#chain);
  }
}

async function movingAttachmentsOf(thread: Thread): Promise<readonly BundledAttachment[]> {
  const own: BundledAttachment[] = [];
  for await (const { attachmentType, identityKey, payload } of thread.attachments())
    if (movingTypes.includes(attachmentType)) own.push({ attachmentType, identityKey, payload });
  return own;
}

function checkExpected(manifest: BundleManifest, { expected }: ImportOptions): void {
  if (expected === undefined) return;
  const { threadId, continuation = manifest.continuation } = expected;
  if (manifest.threadId !== threadId)
    throw foreign(`it contains thread ${manifest.threadId} instead of ${threadId}`);
  if (manifest.continuation !== continuation)
    throw foreign(`its state of thread ${threadId} does not match the expected continuation token`);
}

function checkVersion(
  { threadId, codexVersion }: BundleManifest,
  here: string | null,
  { onNewerCodex = 'warn' }: ImportOptions,
): void {
  if (codexVersion === null || isAtLeast(here, codexVersion)) return;
  const what = `comes from codex-rs ${codexVersion}, which is newer than the local version (${here ?? 'unknown'})`;
  if (onNewerCodex === 'refuse')
    throw new BundleError(
      'bundle-from-newer-codex',
      `The bundle was refused: it ${what}. Update codex-rs here first.`,
    );
  reportProblem(
    threadId,
    'bundle',
    `The thread ${what}, so the local codex-rs may not support all of its content.`,
  );
}
