import { CodexError } from '../errors.js';

/** What kind of thing got in, or would have. @inline */
export type IsolationViolationKind =
  'home' | 'configuration' | 'project' | 'instructions' | 'mcp-server' | 'hook';

/** One thing that has no place in a private client, and what to do about it. */
export interface IsolationViolation {
  /** Its kind, to branch on. */
  readonly kind: IsolationViolationKind;
  /** What was found, and where. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string;
}

/**
 * With `isolation: "private"`, something was found that the options did not add; {@link IsolationViolationError.violations}
 * lists all of it. The thread is unloaded again, and no turn was started.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ isolation: 'private', codexHome, baseUrl });
 * try {
 *   await codex.startThread().run('Hello');
 * } catch (error) {
 *   if (!IsolationViolationError.is(error)) throw error;
 *   for (const { kind, what } of error.violations) console.log(kind, what.startsWith(codexHome)); // instructions true
 * }
 * ```
 */
export class IsolationViolationError extends CodexError {
  static override readonly errorName: string = 'IsolationViolationError';
  /** Everything that was found. */
  readonly violations: readonly IsolationViolation[];

  constructor(violations: readonly IsolationViolation[], cause?: unknown) {
    const lines = violations.map(({ what, advice }) => `${what}: ${advice}`);
    super(`The isolation "private" does not hold:\n  ${lines.join('\n  ')}`, {
      code: 'isolation-violation',
      cause,
    });
    this.violations = Object.freeze(violations.map((violation) => Object.freeze(violation)));
  }
}
