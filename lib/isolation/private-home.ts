import { randomUUID } from 'node:crypto';
import { chmod, mkdir, realpath, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { messageOf } from '../shapes.js';
import { IsolationViolationError } from './isolation-violation-error.js';
import { StaleProcesses } from '../transport/stale-processes.js';

/** Properties of a {@link PrivateHome}. */
export interface PrivateHomeProps {
  /** The directory from the user; by default a temporary one, directly below the user's home directory. */
  readonly given?: string | undefined;
  /**
   * The directory for the record of a temporary directory, used to clean up after a killed host. Defaults to
   * `~/.codex-threads/processes`.
   */
  readonly stateDirectory?: string | undefined;
}

/**
 * The CODEX_HOME of one private client, with mode 0700. Its path is known immediately; the directory is created at the
 * first start. It is not in the system's temporary folder, where codex-rs would not set up its helper programs.
 */
export class PrivateHome {
  /** The absolute path; the directory may not exist yet. */
  readonly path: string;
  /** The `HOME` of codex-rs and of the agent's commands, inside it: without any data of other programs. */
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
   * Creates the directory, or checks that an existing one belongs to this user and is not accessible to others. Does
   * nothing after removal.
   *
   * @throws {@link IsolationViolationError} if it cannot be created, or belongs to another user
   */
  async ensure(): Promise<void> {
    if (this.#isRemoved) return;
    // Recorded before it is created, so that a crash cannot leave an unrecorded directory behind.
    if (this.#isTemporary) await (this.#forget ??= this.#stale.record({ home: this.path }));
    try {
      await mkdir(this.path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw this.#violation(`cannot be created: ${messageOf(cause)}`, cause);
    }
    await this.#checkPlace();
    await this.#close();
    await mkdir(this.userHome, { recursive: true, mode: 0o700 });
  }

  /** Removes a temporary directory with its content. Idempotent. */
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
    // Windows provides neither owner nor mode.
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
