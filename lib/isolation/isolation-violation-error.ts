import { CodexError } from '../errors.js';

/** The kind of violation. @inline */
export type IsolationViolationKind =
  'home' | 'configuration' | 'project' | 'instructions' | 'mcp-server' | 'hook';

/** One violation of the isolation, and its remedy. */
export interface IsolationViolation {
  /** The kind, to branch on. */
  readonly kind: IsolationViolationKind;
  /** The finding and its location. */
  readonly what: string;
  /** The remedy. */
  readonly advice: string;
}

/**
 * With `isolation: "private"`, something was found that the options did not add.
 * {@link IsolationViolationError.violations} lists all violations. The thread is unloaded again, and no turn was
 * started.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ isolation: 'private', codexHome, baseUrl });
 * try {
 *   await codex.startThread().run('Hello');
 * } catch (error) {
 *   if (!IsolationViolationError.is(error)) throw error;
 *   for (const { kind, what } of error.violations) console.log(kind, what.includes(codexHome)); // instructions true
 * }
 * ```
 */
export class IsolationViolationError extends CodexError {
  static override readonly errorName: string = 'IsolationViolationError';
  /** All violations. */
  readonly violations: readonly IsolationViolation[];

  constructor(violations: readonly IsolationViolation[], cause?: unknown) {
    const lines = violations.map(({ what, advice }) => `${what}: ${advice}`);
    super(`The isolation "private" is violated:\n  ${lines.join('\n  ')}`, {
      code: 'isolation-violation',
      cause,
    });
    this.violations = Object.freeze(violations.map((violation) => Object.freeze(violation)));
  }
}
