import { CodexError, RequestError, TransportError } from '../errors.js';
import { codeOf } from '../shapes.js';
import { shown } from '../validation.js';

/** What is known of a start that failed. */
export interface FailedStart {
  /** How long the start was allowed to take. */
  readonly startupTimeoutMs: number;
  /** What ended the link, or null. */
  readonly end: TransportError | null;
  /** The first line on standard output that was not a message, or null. */
  readonly noise: string | null;
}

/** The error for a start that failed: with all that the program printed, and whether another try may succeed. */
export function startFailure(
  error: unknown,
  { startupTimeoutMs, end, noise }: FailedStart,
): unknown {
  if (!CodexError.is(error)) return error;
  const { exitCode = null, signal = null, stderrTail = '' } = end ?? {};
  const known = { exitCode, signal, stderrTail, cause: error };
  const quote =
    noise === null ? '' : ` Its first line on standard output was not a message: ${shown(noise)}.`;
  if (error.code === 'timeout')
    return new TransportError(
      `codex-rs did not finish its start within ${startupTimeoutMs} ms (startupTimeoutMs).${quote}`,
      { ...known, code: 'start-timeout' },
    );
  if (RequestError.is(error))
    return new TransportError(`codex-rs refused the handshake: ${error.serverMessage}${quote}`, {
      ...known,
      code: 'start-failed',
      retryable: error.retryable,
    });
  if (!TransportError.is(error) || error.code !== 'process-exited') return error;
  return new TransportError(`${error.message}${quote}`, {
    ...known,
    code: error.code,
    cause: error.cause,
    retryable: !endedByItself(error) || wasLocked(error),
  });
}

/** codex-rs gives up its start with exit code 1 when another process holds a database for some 15 s. */
export function wasLocked(error: unknown): boolean {
  return (
    TransportError.is(error) &&
    error.code === 'process-exited' &&
    error.stderrTail.includes('database is locked')
  );
}

/** Whether the operating system may start the program at another time: it was short of something. */
export function isPassing(error: unknown): boolean {
  return ['EAGAIN', 'EBUSY', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY'].includes(
    String(codeOf(error)),
  );
}

/** A shell reports a signal that ended its command as an exit code above 128. */
function endedByItself({ exitCode }: TransportError): boolean {
  return exitCode !== null && exitCode <= 128;
}
