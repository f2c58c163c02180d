import { CodexError } from '../errors.js';

/** What is known of a failed login. @inline */
export interface AuthenticationErrorProps {
  /**
   * `authentication`: no login, or one that was refused. Of a login that was begun: `login-failed`, `login-canceled`, or
   * `login-timeout`. Defaults to `authentication`.
   */
  readonly code?: string;
  /** Whether the same call may succeed later without any change. Defaults to `false`. */
  readonly retryable?: boolean;
  /** What led to it. */
  readonly cause?: unknown;
}

/**
 * Codex has no usable login, or did not get one; the message says how to log in.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ codexHome, env: { PATH, HOME } });
 * try {
 *   await codex.startThread().run('Hello');
 * } catch (error) {
 *   if (!AuthenticationError.is(error)) throw error;
 *   console.log(error.code); // authentication
 * }
 * ```
 */
export class AuthenticationError extends CodexError {
  static override readonly errorName: string = 'AuthenticationError';

  constructor(message: string, props: AuthenticationErrorProps = {}) {
    super(message, { ...props, code: props.code ?? 'authentication' });
  }
}
