import { callLimits, unanswered } from './wire/call-limits.js';
import { onAbort } from './on-abort.js';
import { timers } from './timers.js';

/**
 * Waits for a reply that several callers share: each within its own limits, whichever of them sent the request.
 *
 * @throws `TransportError` with code `timeout`; the reason of the signal; the error that the reply rejects with
 */
export async function sharedReply<T>(method: string, reply: Promise<T>): Promise<T> {
  const { signal, timeoutMs } = callLimits();
  let release: () => void = () => undefined;
  const limited = new Promise<never>((_, reject) => {
    const timer =
      timeoutMs === undefined
        ? undefined
        : timers.setTimeout(() => {
            reject(unanswered(method, timeoutMs));
          }, timeoutMs);
    const forget = signal
      ? onAbort(signal, () => {
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of a signal is handed on untouched
          reject(signal.reason);
        })
      : (): void => undefined;
    release = (): void => {
      timers.clearTimeout(timer);
      forget();
    };
  });
  return Promise.race([reply, limited]).finally(release);
}
