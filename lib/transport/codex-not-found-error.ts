import { CodexError } from '../errors.js';

/** A searched location of the codex binary. @inline */
export interface CodexLocation {
  /** The source of the location: an option, a variable, a package or `PATH`. */
  readonly source: string;
  /** The path, or null if the source did not provide one. */
  readonly path: string | null;
  /** Why it could not be used. */
  readonly reason: string;
}

/**
 * No codex binary was found, or the specified one cannot be run. {@link CodexNotFoundError.looked} lists all locations,
 * with the reasons.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ codexPath: '/opt/codex/bin/codex' });
 * try {
 *   await codex.warmUp();
 * } catch (error) {
 *   if (!CodexNotFoundError.is(error)) throw error;
 *   for (const { source, path } of error.looked) console.log(source, path); // codexPath /opt/codex/bin/codex
 * }
 * ```
 */
export class CodexNotFoundError extends CodexError {
  static override readonly errorName: string = 'CodexNotFoundError';
  /** All locations, in the order in which they were searched. */
  readonly looked: readonly CodexLocation[];

  constructor(looked: readonly CodexLocation[]) {
    const lines = looked.map(
      ({ source, path, reason }) => `${source}: ${path ?? 'none'}: ${reason}`,
    );
    const named = looked.every(({ source }) => source === looked[0]?.source);
    const head = named
      ? `The program specified by ${looked[0]?.source ?? 'codexPath'} cannot be run.`
      : 'No codex binary was found. Install @openai/codex or pass codexPath.';
    super(`${head} Searched:\n  ${lines.join('\n  ')}`, { code: 'codex-not-found' });
    this.looked = looked;
  }
}
