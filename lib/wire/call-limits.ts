import { AsyncLocalStorage } from 'node:async_hooks';
import { TransportError } from '../errors.js';

/** The limits of a request that sets none itself. */
export interface CallLimits {
  /** Gives the request up. */
  readonly signal?: AbortSignal;
  /** How long the reply may take. */
  readonly timeoutMs?: number;
}

// Requests on the way to a turn are made in a dozen places: none of them can forget the limits of the turn.
const limits = new AsyncLocalStorage<CallLimits>();

/** Does the work. The requests that it sends are bounded by these limits, and by no others from further out. */
export function withCallLimits<T>(given: CallLimits, work: () => T): T {
  return limits.run(given, work);
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
