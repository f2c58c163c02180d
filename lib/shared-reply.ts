import { callLimits, unanswered } from './wire/call-limits.js';
import { within } from './within.js';

/**
 * Waits for a reply that several callers share. Each caller has its own limits, regardless of which one sent the
 * request.
 *
 * @throws `TransportError` with code `timeout`; the reason of the signal; the error that the reply rejects with
 */
export async function sharedReply<T>(method: string, reply: Promise<T>): Promise<T> {
  return within(reply, { ...callLimits(), late: (timeoutMs) => unanswered(method, timeoutMs) });
}
