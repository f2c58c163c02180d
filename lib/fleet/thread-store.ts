import { Readable } from 'node:stream';
import { CodexError, ValidationError } from '../errors.js';
import { messageOf } from '../shapes.js';
import { shown } from '../validation.js';
import { ThreadConflictError } from './thread-conflict-error.js';
import { recordIn, type ThreadRecord } from './thread-record.js';

/** A thread in a store. */
export interface StoredThread {
  /** The version to save over: it identifies exactly this state. */
  readonly version: string;
  /** The thread's id and state. */
  readonly record: ThreadRecord;
  /** Its bundle, as a new stream for each call; null if the store has only the record. */
  readonly bundle: (() => Readable) | null;
}

/** The data of a thread to store. */
export interface NextThread {
  /** The thread's id and state. */
  readonly record: ThreadRecord;
  /** The bytes of its bundle; without them, the store keeps only the record. */
  readonly bundle?: Readable | null;
}

/** The precondition of a save. @inline */
export interface SaveOptions {
  /** The version that was loaded, or null if there was none. */
  readonly ifVersion: string | null;
}

/** The result of a read in a custom store. @inline */
export interface StoredValue {
  /** Identifies exactly this state; never reused for the key, not even after a deletion. */
  readonly version: string;
  /** The written text. */
  readonly record: string;
  /** The written bytes, or null if there were none. */
  readonly bundle: (() => Readable) | null;
}

/** The value to write in a custom store. @inline */
export interface WrittenValue {
  /** A text of a few kilobytes. */
  readonly record: string;
  /** Bytes of any size: they must not be visible before all of them are written. */
  readonly bundle: Readable | null;
}

const longestKey = 512;

/**
 * A store of threads that any machine may continue. Implementations: {@link DirectoryThreadStore},
 * {@link PostgresThreadStore} and {@link S3ThreadStore}. For another storage, extend this class and implement its four protected
 * methods; callers use the public ones, which validate input and output.
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
   * Loads the thread stored under a key, or null.
   *
   * @throws `CodexError` `store-failed` (retryable) if the store does not respond; `malformed-record`
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
   * Saves a thread under a key if the stored version is still the loaded one.
   *
   * @returns the new version
   * @throws {@link ThreadConflictError} if the stored version differs; nothing was changed
   * @throws `CodexError` `store-failed` (retryable) if the store does not respond: whether it was saved is unknown
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
      `Thread ${record.threadId} was not saved under ${JSON.stringify(key)}: another process has saved or deleted it in the meantime. Load it again.`,
      { key, threadId: record.threadId },
    );
  }

  /** Removes the value of a key, in any version; does nothing if there is none. */
  async delete(key: string): Promise<void> {
    checkKey(key);
    await this.#trying('delete', key, async () => this.remove(key));
  }

  /** All keys, in no particular order. */
  list(): AsyncIterable<string> {
    return this.keys();
  }

  /** The stored value, or null. */
  protected abstract read(key: string): Promise<StoredValue | null>;

  /** Writes the value atomically; returns the new version, or null if the stored version is not `ifVersion`. */
  protected abstract write(
    key: string,
    value: WrittenValue,
    ifVersion: string | null,
  ): Promise<string | null>;

  /** Removes the value. A `write` over a removed version must not succeed. */
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
  throw new ValidationError('thread store key', [
    { path: '', reason: `${reason}, got ${shown(key)}` },
  ]);
}

function keyProblem(key: unknown): string | null {
  if (typeof key !== 'string' || key === '') return 'must be a non-empty string';
  if (Buffer.byteLength(key) > longestKey) return `must be at most ${longestKey} bytes in UTF-8`;
  // A lone surrogate cannot be encoded in UTF-8.
  if (/\p{Surrogate}/u.test(key)) return 'must be well-formed Unicode';
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f]/.test(key) ? 'must not contain control characters' : null;
}
