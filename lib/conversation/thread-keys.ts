import { createHash } from 'node:crypto';
import { RequestError, ValidationError } from '../errors.js';
import { threadIdProblem } from '../ids.js';
import { ThreadBusyError } from '../loaded/thread-busy-error.js';
import { pause } from '../pause.js';
import { timers } from '../timers.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { decode, list } from '../wire/decode.js';

/** How long a claim may exist without its thread, in milliseconds. Creating it takes about 2 ms. */
const patienceMs = 2000;
/** The age at which such a claim is attributed to a killed process, in milliseconds. */
const abandonedMs = 30_000;

/**
 * The threads that began with an idempotency key, in a directory of the Codex home: a key has a directory, which contains
 * an empty file named after the thread. The process that creates the directory owns the key, also in a home shared by
 * several machines. Finding a key does not require reading threads.
 */
export class ThreadKeys {
  readonly #session: AppServerSession;
  readonly #root: string;
  readonly #separator: string;

  constructor(session: AppServerSession) {
    const { codexHome } = session.serverInfo;
    this.#session = session;
    // The server may run on another system.
    this.#separator = codexHome.includes('\\') ? '\\' : '/';
    this.#root = [codexHome, 'codex-threads', 'keys'].join(this.#separator);
  }

  /**
   * The thread that began with the key, or null.
   *
   * @throws {@link ThreadBusyError} while several processes are starting one
   */
  async find(key: string): Promise<string | null> {
    const threads = await this.#threadsOf(key);
    if (threads === null) return null;
    for (let left = patienceMs; threads.length === 0 && left > 0; left -= 50) {
      await pause(50);
      threads.push(...((await this.#threadsOf(key)) ?? []));
    }
    const [threadId = null] = threads;
    if (threads.length === 1) return threadId;
    if (threads.length === 0 && (await this.#isAbandoned(key))) return null;
    throw new ThreadBusyError(threadId, { holder: 'another-process', action: 'The first turn' });
  }

  /** Assigns the key to this thread. Returns the thread that has the key, which differs if another process was faster. */
  async claim(key: string, threadId: string): Promise<string> {
    const path = this.#pathOf(key);
    if (!(await this.#make(path))) {
      const other = await this.find(key);
      if (other !== null) return other;
    }
    const file = [path, threadId].join(this.#separator);
    await this.#session.request('fs/writeFile', { path: file, dataBase64: '' });
    const threads = await this.#threadsOf(key);
    if (threads?.length === 1) return threadId;
    // Of two processes that found the same abandoned claim, or one that was suspended meanwhile, neither continues.
    await this.#session.request('fs/remove', { path: file });
    throw new ThreadBusyError(threadId, { holder: 'another-process', action: 'The first turn' });
  }

  /** Assigns the key to another thread because its thread is gone. Returns the thread that has the key. */
  async replace(key: string, gone: string, threadId: string): Promise<string> {
    const [old, next] = [gone, threadId].map((id) => [this.#pathOf(key), id].join(this.#separator));
    try {
      await this.#session.request('fs/remove', { path: old ?? '', force: false });
    } catch (error) {
      if (!RequestError.is(error)) throw error;
      // Another process was faster.
      return (await this.find(key)) ?? threadId;
    }
    await this.#session.request('fs/writeFile', { path: next ?? '', dataBase64: '' });
    return threadId;
  }

  /** Whether a rollout file exists or was archived. */
  async hasRollout(path: string): Promise<boolean> {
    const { codexHome } = this.#session.serverInfo;
    const name = path.split(this.#separator).at(-1) ?? '';
    const archived = [codexHome, 'archived_sessions', name].join(this.#separator);
    return (await this.#isThere(path)) || (await this.#isThere(archived));
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      await this.#session.request('fs/getMetadata', { path });
      return true;
    } catch (error) {
      if (RequestError.is(error) && isMissing.test(error.serverMessage)) return false;
      throw error;
    }
  }

  async #make(path: string): Promise<boolean> {
    await this.#session.request('fs/createDirectory', { path: this.#root });
    try {
      await this.#session.request('fs/createDirectory', { path, recursive: false });
      return true;
    } catch (error) {
      if (RequestError.is(error) && (await this.#names(path)) !== null) return false;
      throw error;
    }
  }

  async #threadsOf(key: string): Promise<string[] | null> {
    const names = await this.#names(this.#pathOf(key));
    return names?.filter((name) => threadIdProblem(name) === null) ?? null;
  }

  async #names(path: string): Promise<string[] | null> {
    try {
      const { entries } = await this.#session.request('fs/readDirectory', { path });
      return decode(
        'fs/readDirectory',
        () => list(entries).map(({ fileName }) => fileName),
        this.#session,
      );
    } catch (error) {
      if (RequestError.is(error) && isMissing.test(error.serverMessage)) return null;
      if (RequestError.is(error) && error.serverMessage.includes(noFileSystem)) throw noFiles();
      throw error;
    }
  }

  async #isAbandoned(key: string): Promise<boolean> {
    const path = this.#pathOf(key);
    const { modifiedAtMs } = await this.#session.request('fs/getMetadata', { path });
    return timers.Date.now() - modifiedAtMs > abandonedMs;
  }

  #pathOf(key: string): string {
    const digest = createHash('sha256').update(key).digest('hex');
    return [this.#root, digest].join(this.#separator);
  }
}

/** The file or its parent directory, on any system. */
const isMissing = /\(os error [23]\)/;

/** A codex-rs without local execution, such as that of a client with environments, does not read or write files. */
const noFileSystem = 'local filesystem is not configured';

function noFiles(): ValidationError {
  return new ValidationError('run options', [
    {
      path: 'idempotencyKey',
      reason:
        'cannot be used for the first turn of a thread in a client with environments, whose codex-rs cannot write files: use keys from the second turn on',
    },
  ]);
}
