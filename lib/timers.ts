import {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} from 'node:timers';

const { queueMicrotask, Date } = globalThis;
// The module that has `performance` takes longer to load than this whole file.
const { hrtime } = process;

/**
 * The timers and clocks of Node, captured when the package is loaded: fake timers that a test installs later do not
 * affect this library. The specs of this library replace the members of this object.
 */
export const timers = {
  clearImmediate,
  clearInterval,
  clearTimeout,
  Date,
  performance: { now: (): number => Number(hrtime.bigint()) / 1e6 },
  queueMicrotask,
  setImmediate,
  setInterval,
  setTimeout,
};

/** The longest delay of a timer: with a longer one, Node fires immediately. */
export const longestTimerMs = 2 ** 31 - 1;

/**
 * Calls the listener after this time; never if it is too long for a timer, such as `Infinity`. Returns a function that
 * cancels it.
 */
export function after(milliseconds: number, listener: () => void): () => void {
  if (milliseconds > longestTimerMs) return () => undefined;
  const timer = timers.setTimeout(listener, milliseconds);
  return () => {
    timers.clearTimeout(timer);
  };
}
