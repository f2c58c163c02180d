import { CodexError } from '../errors.js';

/** Properties of an {@link UnsupportedCodexError}. @inline */
export interface UnsupportedCodexErrorProps {
  /** The version of codex-rs that runs, or null when it is not known. */
  readonly codexVersion: string | null;
  /** The versions that this package is tested with, such as `0.163.0 to 0.171.0`. */
  readonly testedVersions: string;
  /** What it lacks, such as `the method thread/attachment/list`. */
  readonly missing: string;
  /** What it answered, if that is the reason. */
  readonly cause?: unknown;
}

/**
 * The codex-rs that runs is not the one that this package depends on, and lacks something that was needed.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ codexPath: oldCodex });
 * try {
 *   await codex.models();
 * } catch (error) {
 *   if (!UnsupportedCodexError.is(error)) throw error;
 *   console.log(error.codexVersion, error.missing); // 0.128.0 the method model/list
 * }
 * ```
 */
export class UnsupportedCodexError extends CodexError {
  static override readonly errorName: string = 'UnsupportedCodexError';
  /** The version of codex-rs that runs, or null when it is not known. */
  readonly codexVersion: string | null;
  /** The versions that this package is tested with. */
  readonly testedVersions: string;
  /** What codex-rs lacks. */
  readonly missing: string;

  constructor({ codexVersion, testedVersions, missing, cause }: UnsupportedCodexErrorProps) {
    super(
      `codex-rs ${codexVersion ?? 'of an unknown version'} lacks ${missing}. This package is tested with codex-rs ${testedVersions}: remove codexPath and CODEX_PATH to use the codex that is installed with it, or update the codex that they point to.`,
      { code: 'unsupported-codex', cause },
    );
    this.codexVersion = codexVersion;
    this.testedVersions = testedVersions;
    this.missing = missing;
  }
}
