import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { CodexError, ValidationError } from '../../errors.js';

/**
 * A separate CODEX_HOME for one test: a private directory (mode 0700) below the user's home, removed at the end.
 *
 * It is not in the system's temporary folder, because codex does not set up its helper programs there.
 *
 * @example
 * ```ts
 * await using home = await TemporaryCodexHome.create();
 * await home.write('AGENTS.md', 'Answer in one sentence.');
 * const codex = new Codex({ codexHome: home.path });
 * console.log(codex.options.codexHome === home.path); // true
 * ```
 */
export class TemporaryCodexHome {
  /** The absolute path of the directory. */
  readonly path: string;
  #removed: Promise<void> | null = null;

  private constructor(path: string) {
    this.path = path;
  }

  /** Creates the directory. */
  static async create(): Promise<TemporaryCodexHome> {
    return new TemporaryCodexHome(await mkdtemp(join(homedir(), '.codex-threads-')));
  }

  /**
   * Writes a text file, such as `config.toml` or `rules/default.rules`, readable only by the user; missing folders are
   * created.
   *
   * @throws ValidationError if the path leaves the directory
   */
  async write(relativePath: string, text: string): Promise<void> {
    const file = join(this.path, relativePath);
    const [first] = relative(this.path, file).split(sep);
    if (isAbsolute(relativePath) || first === '' || first === '..')
      throw new ValidationError('file to write', [
        { path: 'relativePath', reason: `must stay inside the directory, got ${relativePath}` },
      ]);
    if (this.#removed !== null)
      throw new CodexError(`Cannot write ${relativePath}: the temporary home has been removed.`, {
        code: 'temporary-home-removed',
      });
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, text, { mode: 0o600 });
  }

  /** Removes the directory with its content, even if an exiting codex is still writing to it. Idempotent. */
  async remove(): Promise<void> {
    this.#removed ??= rm(this.path, {
      recursive: true,
      force: true,
      maxRetries: 10,
      retryDelay: 20,
    }).catch((error: unknown) => {
      this.#removed = null;
      throw error;
    });
    await this.#removed;
  }

  /** The same as {@link TemporaryCodexHome.remove}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }
}
