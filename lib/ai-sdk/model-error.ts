import { APICallError } from '@ai-sdk/provider';
import { CodexError, ValidationError } from '../errors.js';
import { OutcomeUnknownError } from '../turn/outcome-unknown-error.js';
import type { Turn } from '../turn/turn.js';
import { TurnFailedError } from '../turn/turn-failed-error.js';

/**
 * Converts the error of a turn to the form that the AI SDK uses to decide on a retry. Only a turn that was never sent
 * is retryable, since a second run would send its input twice. The error of this library is the `cause`.
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
