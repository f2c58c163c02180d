import { stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { TransportError } from '../errors.js';
import { codeOf, messageOf } from '../shapes.js';
import type { LaunchPlan } from './launch-plan.js';

/** The directory with the configuration, login and threads of codex-rs. */
export class CodexHome {
  /** The absolute path. */
  readonly path: string;
  readonly #isNamed: boolean;

  constructor({ codexHome, environment: { HOME: userHome = '' } }: CodexHomeProps) {
    this.path = codexHome ?? path.join(userHome === '' ? os.homedir() : userHome, '.codex');
    this.#isNamed = codexHome !== undefined;
  }

  /**
   * Finds a permanent directory for codex-rs to run in, independent of those that the host creates and works in: the
   * home, or the root if the home does not exist yet.
   *
   * @throws {@link TransportError} `start-failed` if codex-rs cannot start with this home: it creates only the default one
   */
  async stableDirectory(): Promise<string> {
    try {
      if ((await stat(this.path)).isDirectory()) return this.path;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw this.#problem(`cannot be read: ${messageOf(error)}`);
      if (this.#isNamed) throw this.#problem('does not exist');
      return path.parse(this.path).root;
    }
    throw this.#problem('is not a directory');
  }

  /** The directory in which codex-rs writes first: the home, or its parent if codex-rs creates the default home. */
  async firstWritten(): Promise<string> {
    if (this.#isNamed) return this.path;
    try {
      await stat(this.path);
      return this.path;
    } catch (error) {
      return codeOf(error) === 'ENOENT' ? path.dirname(this.path) : this.path;
    }
  }

  #problem(objection: string): TransportError {
    return new TransportError(
      `The Codex home ${this.path} ${objection}. Set codexHome or CODEX_HOME to an existing directory of this user.`,
      { code: 'start-failed', retryable: false },
    );
  }
}

/** Properties of a {@link CodexHome}. */
export type CodexHomeProps = Pick<LaunchPlan, 'codexHome' | 'environment'>;
