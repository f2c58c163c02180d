import { after } from './timers.js';
import { within } from './within.js';

/** Resolves after this time; rejects with the reason of the signal if the signal fires first. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  let cancel = (): void => undefined;
  const elapsed = new Promise<void>((resolve) => {
    cancel = after(milliseconds, resolve);
  });
  await within(elapsed, { signal }).finally(cancel);
}
