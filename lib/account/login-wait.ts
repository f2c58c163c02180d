import { ValidationError } from '../errors.js';
import { longestTimerMs } from '../timers.js';
import { within } from '../within.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { AuthenticationError } from './authentication-error.js';

/** Options for waiting for a login. @inline */
export interface WaitOptions {
  /** Cancels the wait; the promise rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** The time limit for the person, in milliseconds. Defaults to the limit of codex-rs. */
  readonly timeoutMs?: number;
}

/** A pending login. */
export interface BegunLogin {
  readonly session: AppServerSession;
  /** Settles when the login is complete. */
  readonly completed: Promise<void>;
}

/**
 * Waits until a person has logged in. Keeps the host process alive meanwhile.
 *
 * @throws {@link AuthenticationError} of the login, or `login-timeout`; `options.signal.reason`
 */
export async function loggedIn(
  { session, completed }: BegunLogin,
  { signal, timeoutMs }: WaitOptions,
): Promise<void> {
  signal?.throwIfAborted();
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= longestTimerMs))
    throw new ValidationError('login options', [
      { path: 'timeoutMs', reason: `must be from 1 to ${longestTimerMs}, got ${timeoutMs}` },
    ]);
  // Otherwise a program that only waits would exit.
  const hold = session.hold();
  try {
    await within(completed, { signal, timeoutMs, late: tooLate });
  } finally {
    hold[Symbol.dispose]();
  }
}

function tooLate(timeoutMs: number): AuthenticationError {
  return new AuthenticationError(
    `The login was not completed within ${timeoutMs} ms: wait again, or cancel the login.`,
    { code: 'login-timeout', retryable: true },
  );
}
