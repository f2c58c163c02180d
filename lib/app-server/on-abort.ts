type Listener = () => void;

// One listener of ours per signal: Node warns of a leak from the eleventh on, and one signal may end 200 turns.
const watched = new WeakMap<AbortSignal, Set<Listener>>();

/** Calls the listener when the signal fires; at once when it has. Returns what removes it. */
export function onAbort(signal: AbortSignal, listener: Listener): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  const listeners = watched.get(signal) ?? watch(signal);
  const own = (): void => {
    listener();
  };
  listeners.add(own);
  return () => void listeners.delete(own);
}

function watch(signal: AbortSignal): Set<Listener> {
  const listeners = new Set<Listener>();
  watched.set(signal, listeners);
  signal.addEventListener(
    'abort',
    () => {
      for (const listener of listeners) listener();
      listeners.clear();
    },
    { once: true },
  );
  return listeners;
}
