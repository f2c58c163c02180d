import { CodexError, TurnFailedError, ValidationError } from '../../lib/index.js';

/** The answer to a request that failed. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
}

// #region statuses
/** The HTTP status of an error, by its code. Codes that are not listed are faults of the service or its configuration. */
const statuses: Readonly<Record<string, number>> = {
  'invalid-input': 400,
  'malformed-token': 400,
  'approval-not-pending': 404,
  'not-found': 404,
  'thread-unknown': 404,
  'resume-rejected': 409,
  'thread-archived': 409,
  'thread-busy': 409,
  'tools-changed': 409,
  'turn-conflict': 409,
  'turn-cut-off': 409,
  'turn-interrupted': 409,
  'decision-not-possible': 422,
  'turn-budget': 422,
  'invalid-output': 502,
  'turn-failed': 502,
  'outcome-unknown': 503,
  'process-exited': 503,
  'turn-lost': 503,
  closed: 503,
  overloaded: 503,
  'turn-timeout': 504,
};

export function statusOf(error: CodexError): number {
  if (TurnFailedError.is(error) && error.reason === 'rate-limited') return 429;
  return statuses[error.code] ?? 500;
}
// #endregion

/** Only these messages are for users. The others may name paths and hosts: log them. */
export function problemOf(error: unknown): Problem {
  if (!CodexError.is(error)) return foreignProblem(error);
  const { code, retryable } = error;
  const isForUsers = ValidationError.is(error) || TurnFailedError.is(error);
  const message = isForUsers ? error.message : `The request failed (${code}).`;
  return { status: statusOf(error), code, message, retryable };
}

/** The frameworks set a status on errors in the request, such as a body that is too large. */
function foreignProblem(error: unknown): Problem {
  const given = Object(error) as { readonly statusCode?: unknown };
  const status = given instanceof SyntaxError ? 400 : Number(given.statusCode ?? 500);
  const isRequest = status >= 400 && status < 500;
  return isRequest
    ? { status, code: 'invalid-request', message: 'The request is not valid.', retryable: false }
    : { status: 500, code: 'failed', message: 'The request failed.', retryable: false };
}
