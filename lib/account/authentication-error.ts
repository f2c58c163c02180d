import { CodexError } from '../errors.js';

/** Properties of an {@link AuthenticationError}. @inline */
export interface AuthenticationErrorProps {
  /**
   * `authentication`: no login, or a rejected one. For a pending login: `login-failed`, `login-canceled`, or
   * `login-timeout`. Defaults to `authentication`.
   */
  readonly code?: string;
  /** Whether the same call may succeed later without any change. Defaults to `false`. */
  readonly retryable?: boolean;
  /** The underlying error, if any. */
  readonly cause?: unknown;
}

/**
 * Codex has no usable login, or a login failed. The message explains how to log in.
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
