import { CodexError, RequestError, TransportError } from '../errors.js';
import { codeOf } from '../shapes.js';
import { shown } from '../validation.js';

/** Details of a failed start. */
export interface FailedStart {
  /** The time limit of the start. */
  readonly startupTimeoutMs: number;
  /** The error that ended the connection, or null. */
  readonly end: TransportError | null;
  /** The first line on standard output that was not a message, or null. */
  readonly noise: string | null;
}

/** Creates the error for a failed start, with the output of the program and whether a retry may succeed. */
export function startFailure(
  error: unknown,
  { startupTimeoutMs, end, noise }: FailedStart,
): unknown {
  if (!CodexError.is(error)) return error;
  const { exitCode = null, signal = null, stderrTail = '' } = end ?? {};
  const known = { exitCode, signal, stderrTail, cause: error };
  const quote =
    noise === null
      ? ''
      : ` The first line of its standard output was not a message: ${shown(noise)}.`;
  if (error.code === 'timeout')
    return new TransportError(
      `codex-rs did not start within ${startupTimeoutMs} ms (startupTimeoutMs).${quote}`,
      { ...known, code: 'start-timeout' },
    );
  if (RequestError.is(error))
    return new TransportError(`codex-rs rejected the handshake: ${error.serverMessage}${quote}`, {
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

/** codex-rs exits with code 1 if another process holds a database for about 15 s. */
export function wasLocked(error: unknown): boolean {
  return (
    TransportError.is(error) &&
    error.code === 'process-exited' &&
    error.stderrTail.includes('database is locked')
  );
}

/** Whether the start may succeed later, because the operating system was short of a resource. */
export function isPassing(error: unknown): boolean {
  return ['EAGAIN', 'EBUSY', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY'].includes(
    String(codeOf(error)),
  );
}

/** A shell reports a signal that ended its command as an exit code above 128. */
function endedByItself({ exitCode }: TransportError): boolean {
  return exitCode !== null && exitCode <= 128;
}
