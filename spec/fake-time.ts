import sinon, { type SinonFakeTimers } from 'sinon';
import { timers } from '../lib/timers.js';

type Timer = keyof typeof timers;

/** Replaces some or all timers and clocks of the library; those of the spec and of Node stay real. */
export function fakeTime(...names: readonly Timer[]): SinonFakeTimers {
  const toFake = names.length === 0 ? (Object.keys(timers) as Timer[]) : [...names];
  // The types of sinon lack `global`. The clock needs some other globals, such as Promise.
  const global = new Proxy(timers, {
    get: (target, key) => Reflect.get(key in target ? target : globalThis, key) as unknown,
  });
  // A timer set earlier may be cleared.
  const config = { global, toFake, shouldClearNativeTimers: true };
  return sinon.useFakeTimers(config);
}
