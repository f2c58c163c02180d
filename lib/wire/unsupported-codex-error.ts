import { CodexError } from '../errors.js';

/** Properties of an {@link UnsupportedCodexError}. @inline */
export interface UnsupportedCodexErrorProps {
  /** The version of the running codex-rs, or null if unknown. */
  readonly codexVersion: string | null;
  /** The versions that this package is tested with, such as `0.163.0 to 0.171.0`. */
  readonly testedVersions: string;
  /** The missing feature, such as `the method thread/attachment/list`. */
  readonly missing: string;
  /** The error response of codex-rs, if any. */
  readonly cause?: unknown;
}

/**
 * The running codex-rs is not the version that this package depends on, and it lacks a required feature.
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
  /** The version of the running codex-rs, or null if unknown. */
  readonly codexVersion: string | null;
  /** The versions that this package is tested with. */
  readonly testedVersions: string;
  /** The missing feature. */
  readonly missing: string;

  constructor({ codexVersion, testedVersions, missing, cause }: UnsupportedCodexErrorProps) {
    super(
      `codex-rs ${codexVersion ?? 'of an unknown version'} lacks ${missing}. This package is tested with codex-rs ${testedVersions}: remove codexPath and CODEX_PATH to use the codex installed with it, or update the codex they point to.`,
      { code: 'unsupported-codex', cause },
    );
    this.codexVersion = codexVersion;
    this.testedVersions = testedVersions;
    this.missing = missing;
  }
}
