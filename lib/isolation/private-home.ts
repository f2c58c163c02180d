import { randomUUID } from 'node:crypto';
import { chmod, mkdir, realpath, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { messageOf } from '../shapes.js';
import { IsolationViolationError } from './isolation-violation-error.js';
import { StaleProcesses } from '../transport/stale-processes.js';

/** How a {@link PrivateHome} is made. */
export interface PrivateHomeProps {
  /** The directory the user gave; otherwise a temporary one, directly under the home directory of the user. */
  readonly given?: string | undefined;
  /** Where a temporary directory is written down in case the host is killed. Defaults to `~/.codex-threads/processes`. */
  readonly stateDirectory?: string | undefined;
}

/**
 * The CODEX_HOME of one private client, mode 0700. Its path is known at once, but nothing is made before the first start:
 * not in the system's temporary folder, where codex-rs would set up no helper programs.
 */
export class PrivateHome {
  /** The absolute path, whether it exists yet or not. */
  readonly path: string;
  /** The `HOME` of codex-rs and of the agent's commands, inside it: nothing that other programs keep for the user is there. */
  readonly userHome: string;
  readonly #isTemporary: boolean;
  readonly #stale: StaleProcesses;
  #forget: Promise<() => Promise<void>> | null = null;
  #isRemoved = false;

  constructor({ given, stateDirectory }: PrivateHomeProps = {}) {
    this.path = given ?? path.join(os.homedir(), `.codex-threads-${randomUUID()}`);
    this.userHome = path.join(this.path, 'home');
    this.#isTemporary = given === undefined;
    this.#stale = new StaleProcesses(stateDirectory);
  }

  /**
   * Makes the directory, or makes sure that one that exists is this user's and closed to all others. Nothing once it was
   * removed.
   *
   * @throws {@link IsolationViolationError} when it cannot be made, or belongs to somebody else
   */
  async ensure(): Promise<void> {
    if (this.#isRemoved) return;
    // Written down before it is made, so that no crash leaves one behind that nobody knows of.
    if (this.#isTemporary) await (this.#forget ??= this.#stale.record({ home: this.path }));
    try {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw this.#violation(`cannot be made: ${messageOf(cause)}`, cause);
    }
    await this.#checkPlace();
    await this.#close();
    await mkdir(this.userHome, { recursive: true, mode: 0o700 });
  }

  /** Removes a temporary directory and all that is in it. Idempotent. */
  async remove(): Promise<void> {
    if (!this.#isTemporary) return;
    this.#isRemoved = true;
    if (this.#forget === null) return;
    await rm(this.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    const forget = await this.#forget;
    this.#forget = null;
    await forget();
  }

  async #checkPlace(): Promise<void> {
    const users = await realpath(path.join(os.homedir(), '.codex')).catch(() => null);
    if (users !== null && (await realpath(this.path)) === users)
      throw this.#violation("is the user's own Codex home");
  }

  async #close(): Promise<void> {
    // Windows has neither owner nor mode to go by.
    if (process.getuid === undefined) return;
    const { uid, mode } = await stat(this.path);
    if (uid !== process.getuid()) throw this.#violation(`belongs to another user (uid ${uid})`);
    if ((mode & 0o077) !== 0) await chmod(this.path, 0o700);
  }

  #violation(reason: string, cause?: unknown): IsolationViolationError {
    const advice = 'pass another directory of this user as codexHome';
    return new IsolationViolationError(
      [{ kind: 'home', what: `${this.path} ${reason}`, advice }],
      cause,
    );
  }
}
