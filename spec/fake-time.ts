import sinon, { type SinonFakeTimers } from 'sinon';
import { timers } from '../lib/timers.js';

type Timer = keyof typeof timers;

/** Fakes the named timers and clocks of the library, or all of them; those of the spec and of Node stay real. */
export function fakeTime(...names: readonly Timer[]): SinonFakeTimers {
  const toFake = names.length === 0 ? (Object.keys(timers) as Timer[]) : [...names];
  // The types of sinon do not have `global`. The clock needs some other globals besides, such as Promise.
  const global = new Proxy(timers, {
    get: (target, key) => Reflect.get(key in target ? target : globalThis, key) as unknown,
  });
  // A timer that was set before may be cleared.
  const config = { global, toFake, shouldClearNativeTimers: true };
  return sinon.useFakeTimers(config);
}
