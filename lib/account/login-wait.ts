import { ValidationError } from '../errors.js';
import { longestTimerMs } from '../timers.js';
import { within } from '../within.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import { AuthenticationError } from './authentication-error.js';

/** How long a login is waited for. @inline */
export interface WaitOptions {
  /** Ends the waiting; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** How long the person may take, in milliseconds. Defaults to as long as codex-rs allows. */
  readonly timeoutMs?: number;
}

/** A login that was begun. */
export interface BegunLogin {
  readonly session: AppServerSession;
  /** Settles when it is over. */
  readonly completed: Promise<void>;
}

/**
 * Waits until a person has logged in, and keeps the host process alive meanwhile.
 *
 * @throws {@link AuthenticationError} as the login, or `login-timeout`; `options.signal.reason`
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
  // Else a program that does nothing but wait would end.
  const hold = session.hold();
  try {
    await within(completed, { signal, timeoutMs, late: tooLate });
  } finally {
    hold[Symbol.dispose]();
  }
}

function tooLate(timeoutMs: number): AuthenticationError {
  return new AuthenticationError(
    `Nobody has logged in within ${timeoutMs} ms: wait again, or cancel the login.`,
    { code: 'login-timeout', retryable: true },
  );
}
