import { CodexError } from '../errors.js';

/** What is wrong with a bundle: a closed set. */
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
 * A thread cannot be packed, or a bundle was refused before anything of it was loaded; {@link BundleError.code} says why.
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
  /** What is wrong, to branch on. */
  declare readonly code: BundleProblem;

  /** @internal */
  constructor(code: BundleProblem, message: string, cause?: unknown) {
    super(message, { code, cause });
  }
}

/** The bundle is none, or says what cannot be. */
export function malformed(what: string, cause?: unknown): BundleError {
  return new BundleError('bundle-malformed', `The bundle was refused: ${what}.`, cause);
}

/** The bundle is not what was packed. */
export function damaged(what: string, cause?: unknown): BundleError {
  return new BundleError(
    'bundle-damaged',
    `The bundle was refused: ${what}. It was cut off or changed on its way: fetch it again.`,
    cause,
  );
}

/** The bundle holds something else than what it says or than what was asked for. */
export function foreign(what: string): BundleError {
  return new BundleError('bundle-foreign', `The bundle was refused: ${what}.`);
}
