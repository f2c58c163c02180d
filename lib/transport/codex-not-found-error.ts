import { CodexError } from '../errors.js';

/** One place where the codex binary was looked for. @inline */
export interface CodexLocation {
  /** Where the place was named: an option, a variable, a package or `PATH`. */
  readonly source: string;
  /** The path that was tried, or null when the source named none. */
  readonly path: string | null;
  /** Why it did not serve. */
  readonly reason: string;
}

/**
 * No codex binary was found, or the one that was named cannot be run; {@link CodexNotFoundError.looked} lists every place and
 * why it did not serve.
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
  /** Every place, in the order they were tried. */
  readonly looked: readonly CodexLocation[];

  constructor(looked: readonly CodexLocation[]) {
    const lines = looked.map(
      ({ source, path, reason }) => `${source}: ${path ?? 'none'}: ${reason}`,
    );
    const named = looked.every(({ source }) => source === looked[0]?.source);
    const head = named
      ? `The program named by ${looked[0]?.source ?? 'codexPath'} cannot be run.`
      : 'No codex binary was found. Install @openai/codex or pass codexPath.';
    super(`${head} Looked at:\n  ${lines.join('\n  ')}`, { code: 'codex-not-found' });
    this.looked = looked;
  }
}
