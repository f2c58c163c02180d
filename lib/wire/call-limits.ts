import { AsyncLocalStorage } from 'node:async_hooks';
import { TransportError } from '../errors.js';
import type { RequestId } from '../protocol/index.js';

/** The limits of a request that sets none itself. */
export interface CallLimits {
  /** Gives the request up. */
  readonly signal?: AbortSignal;
  /** How long the reply may take. */
  readonly timeoutMs?: number;
}

/** The limits of one request. */
export interface CallOptions {
  /** Gives the call up; the promise rejects with its reason. codex-rs may still do what was asked. */
  readonly signal?: AbortSignal;
  /** How long the reply may take. Defaults to the session's acknowledgement timeout; `Infinity` for no limit. */
  readonly timeoutMs?: number;
}

/** The limits of a request whose id the caller needs, such as to cancel it. */
export interface SentCallOptions extends CallOptions {
  /** Called with the id as soon as the request is on its way; again when it is sent again. */
  readonly onSent?: (id: RequestId) => void;
}

// Requests on the way to a turn are made in a dozen places: none of them can forget the limits of the turn.
const limits = new AsyncLocalStorage<CallLimits>();
let inUse = 0;

/** Does the work. The requests that it sends before it settles are bounded by these limits only. */
export async function withCallLimits<T>(given: CallLimits, work: () => Promise<T>): Promise<T> {
  inUse += 1;
  try {
    return await limits.run(given, work);
  } finally {
    inUse -= 1;
    // Before Node 24, a store in use makes every promise of the process slower.
    if (inUse === 0) limits.disable();
  }
}

/** The limits that hold here. */
export function callLimits(): CallLimits {
  return limits.getStore() ?? {};
}

/** The error of a request that got no reply in time. */
export function unanswered(method: string, timeoutMs: number): TransportError {
  return new TransportError(`codex-rs did not answer ${method} within ${timeoutMs} ms.`, {
    code: 'timeout',
  });
}
