import { APICallError } from '@ai-sdk/provider';
import { CodexError, ValidationError } from '../errors.js';
import { OutcomeUnknownError } from '../turn/outcome-unknown-error.js';
import type { Turn } from '../turn/turn.js';
import { TurnFailedError } from '../turn/turn-failed-error.js';

/**
 * The error of a turn in the form that the AI SDK decides by whether to try again: only one that was never sent may be
 * repeated, since running a turn again says its input twice. The error of this library is the `cause`.
 */
export function modelError(error: unknown, turn: Turn<unknown>, threadId: string | null): unknown {
  if (!CodexError.is(error) || ValidationError.is(error)) return error;
  const { turnId } = turn;
  const wasSent = turnId !== null || OutcomeUnknownError.is(error);
  const status = TurnFailedError.is(error) ? error.providerStatus : null;
  return new APICallError({
    message: error.message,
    url: 'codex:turn/start',
    requestBodyValues: { threadId },
    ...(status === null ? {} : { statusCode: status }),
    isRetryable: !wasSent && error.retryable,
    cause: error,
    data: { threadId, turnId, code: error.code },
  });
}
