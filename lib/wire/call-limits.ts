import { AsyncLocalStorage } from 'node:async_hooks';
import { TransportError } from '../errors.js';
import type { RequestId } from '../protocol/index.js';

/** Default limits for requests that set none. */
export interface CallLimits {
  /** Cancels the wait for the reply. */
  readonly signal?: AbortSignal;
  /** The timeout for the reply. */
  readonly timeoutMs?: number;
}

/** The limits of one request. */
export interface CallOptions {
  /** Cancels the call; the promise rejects with the reason of the signal. codex-rs may still execute the request. */
  readonly signal?: AbortSignal;
  /** The timeout for the reply. Defaults to the session's acknowledgement timeout; `Infinity` disables it. */
  readonly timeoutMs?: number;
}

/** Options for a request whose id the caller needs, for example to cancel it. */
export interface SentCallOptions extends CallOptions {
  /** Called with the id when the request is sent, and again for each retry. */
  readonly onSent?: (id: RequestId) => void;
}

// Requests of a turn are sent from many places; a context applies the limits of the turn to all of them.
const limits = new AsyncLocalStorage<CallLimits>();
let inUse = 0;

/** Runs the work. Until it settles, its requests have these limits instead of those of an outer context. */
export async function withCallLimits<T>(given: CallLimits, work: () => T | Promise<T>): Promise<T> {
  inUse += 1;
  try {
    return await limits.run(given, work);
  } finally {
    inUse -= 1;
    // Before Node 24, a store in use slows down every promise of the process.
    if (inUse === 0) limits.disable();
  }
}

/** The limits of the current context. */
export function callLimits(): CallLimits {
  return limits.getStore() ?? {};
}

/** Creates the error for a request without a reply within the timeout. */
export function unanswered(method: string, timeoutMs: number): TransportError {
  return new TransportError(`codex-rs did not reply to ${method} within ${timeoutMs} ms.`, {
    code: 'timeout',
  });
}
