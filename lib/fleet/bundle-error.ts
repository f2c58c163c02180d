import { CodexError } from '../errors.js';

/** The problem of a bundle: a closed set. */
export type BundleProblem =
  | 'bundle-malformed'
  | 'bundle-damaged'
  | 'bundle-tampered'
  | 'bundle-foreign'
  | 'bundle-too-large'
  | 'bundle-from-newer-codex'
  | 'bundle-in-the-way'
  | 'rollout-unreadable';

/**
 * A thread cannot be packed, or a bundle was rejected before any part of it was loaded; {@link BundleError.code} identifies
 * the reason.
 *
 * @example
 * ```ts
 * try {
 *   await ThreadBundle.import(codex, Readable.from(['not a bundle']));
 * } catch (error) {
 *   if (!BundleError.is(error)) throw error;
 *   console.log(error.code, error.retryable); // bundle-damaged false
 * }
 * ```
 */
export class BundleError extends CodexError {
  static override readonly errorName: string = 'BundleError';
  /** The problem, to branch on. */
  declare readonly code: BundleProblem;

  /** @internal */
  constructor(code: BundleProblem, message: string, cause?: unknown) {
    super(message, { code, cause });
  }
}

/** The data is not a bundle, or its manifest is invalid. */
export function malformed(what: string, cause?: unknown): BundleError {
  return new BundleError('bundle-malformed', `The bundle was refused: ${what}.`, cause);
}

/** The bundle differs from the packed one. */
export function damaged(what: string, cause?: unknown): BundleError {
  return new BundleError(
    'bundle-damaged',
    `The bundle was refused: ${what}. It was truncated or changed in transit: fetch it again.`,
    cause,
  );
}

/** The content of the bundle differs from its manifest or from the request. */
export function foreign(what: string): BundleError {
  return new BundleError('bundle-foreign', `The bundle was refused: ${what}.`);
}
