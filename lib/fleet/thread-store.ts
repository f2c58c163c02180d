import { Readable } from 'node:stream';
import { CodexError, ValidationError } from '../errors.js';
import { messageOf } from '../shapes.js';
import { shown } from '../validation.js';
import { ThreadConflictError } from './thread-conflict-error.js';
import { recordIn, type ThreadRecord } from './thread-record.js';

/** A thread as a store has it. */
export interface StoredThread {
  /** What it is saved over: it names exactly this state. */
  readonly version: string;
  /** Which thread it is, and where it stands. */
  readonly record: ThreadRecord;
  /** Its bundle, from the beginning each time; null if the store has only the record. */
  readonly bundle: (() => Readable) | null;
}

/** What a store is to keep of a thread. */
export interface NextThread {
  /** Which thread it is, and where it stands. */
  readonly record: ThreadRecord;
  /** The bytes of its bundle; without them, the store keeps the record alone. */
  readonly bundle?: Readable | null;
}

/** What a store is to save over. @inline */
export interface SaveOptions {
  /** The version that was loaded, or null if there was nothing. */
  readonly ifVersion: string | null;
}

/** What a store of one's own gives back. @inline */
export interface StoredValue {
  /** Names exactly this state; never used again for the key, not even after it was deleted. */
  readonly version: string;
  /** The text that was written. */
  readonly record: string;
  /** The bytes that were written, or null if there were none. */
  readonly bundle: (() => Readable) | null;
}

/** What a store of one's own is given. @inline */
export interface WrittenValue {
  /** A text, of some kilobytes. */
  readonly record: string;
  /** Bytes of any size: they may not be visible before all of them are there. */
  readonly bundle: Readable | null;
}

const longestKey = 512;

/**
 * Where threads are kept that any machine may continue. Ready are {@link DirectoryThreadStore}, {@link PostgresThreadStore} and
 * {@link S3ThreadStore}. For another place, extend this class with its four protected methods; callers use the public ones, which
 * check what goes in and out.
 *
 * @example Stubbed in a test
 * ```ts
 * const store = sinon.createStubInstance(ThreadStore);
 * store.load.resolves(null);
 *
 * console.log(await store.load('ticket/PAY-123')); // null
 * ```
 */
export abstract class ThreadStore {
  /**
   * What is kept under a key, or null.
   *
   * @throws `CodexError` `store-failed` (retryable) when the store does not answer; `malformed-record`
   */
  async load(key: string): Promise<StoredThread | null> {
    checkKey(key);
    const value = await this.#trying('load', key, async () => this.read(key));
    if (value === null) return null;
    const { version, record, bundle } = value;
    const stream = (of: () => Readable): Readable =>
      Readable.from(this.#bytesOf(key, of), { objectMode: false });
    return {
      version,
      record: recordIn(key, record),
      bundle: bundle === null ? null : () => stream(bundle),
    };
  }

  /**
   * Keeps a thread under a key, if what is there is what was loaded.
   *
   * @returns the new version
   * @throws {@link ThreadConflictError} when something else is there; nothing was changed
   * @throws `CodexError` `store-failed` (retryable) when the store does not answer: whether it was saved is not known
   */
  async save(key: string, next: NextThread, { ifVersion }: SaveOptions): Promise<string> {
    const { record, bundle = null } = next;
    try {
      checkKey(key);
      const value = { record: JSON.stringify(record), bundle };
      const version = await this.#trying('save', key, async () =>
        this.write(key, value, ifVersion),
      );
      if (version !== null) return version;
    } finally {
      bundle?.destroy();
    }
    throw new ThreadConflictError(
      `Thread ${record.threadId} was not saved under ${JSON.stringify(key)}: somebody else has saved or deleted it meanwhile. Load it again.`,
      { key, threadId: record.threadId },
    );
  }

  /** Removes what is kept under a key, whatever it is; nothing happens if there is nothing. */
  async delete(key: string): Promise<void> {
    checkKey(key);
    await this.#trying('delete', key, async () => this.remove(key));
  }

  /** All keys, in no particular order. */
  list(): AsyncIterable<string> {
    return this.keys();
  }

  /** What is there, or null. */
  protected abstract read(key: string): Promise<StoredValue | null>;

  /** Writes all of the value, or nothing; gives the new version, or null if the one that is there is not `ifVersion`. */
  protected abstract write(
    key: string,
    value: WrittenValue,
    ifVersion: string | null,
  ): Promise<string | null>;

  /** Removes what is there. A `write` over a version that was removed must not succeed. */
  protected abstract remove(key: string): Promise<void>;

  /** All keys. */
  protected abstract keys(): AsyncIterable<string>;

  async *#bytesOf(key: string, bundle: () => Readable): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of bundle()) yield chunk as Buffer;
    } catch (error) {
      throw failed('read the bundle of', key, error);
    }
  }

  async #trying<T>(action: string, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw failed(action, key, error);
    }
  }
}

function failed(action: string, key: string, error: unknown): CodexError {
  if (CodexError.is(error)) return error;
  return new CodexError(
    `The store could not ${action} ${JSON.stringify(key)}: ${messageOf(error)}`,
    { code: 'store-failed', retryable: true, cause: error },
  );
}

function checkKey(key: unknown): void {
  const reason = keyProblem(key);
  if (reason === null) return;
  throw new ValidationError('key of a thread store', [
    { path: '', reason: `${reason}, got ${shown(key)}` },
  ]);
}

function keyProblem(key: unknown): string | null {
  if (typeof key !== 'string' || key === '') return 'must be a text that is not empty';
  if (Buffer.byteLength(key) > longestKey) return `must have at most ${longestKey} bytes`;
  // A lone surrogate has no bytes of its own in UTF-8.
  if (/\p{Surrogate}/u.test(key)) return 'must be well-formed Unicode';
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(key) ? 'must have no control characters' : null;
}
