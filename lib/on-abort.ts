type Listener = () => void;

interface Watch {
  readonly listeners: Set<Listener>;
  readonly end: () => void;
}

// One listener per signal: Node warns about a leak from the eleventh on, and one signal may end 200 turns.
const watched = new WeakMap<AbortSignal, Watch>();

/**
 * Calls the listener when the signal fires, or immediately if it has already fired. Returns a function that removes the
 * listener.
 */
export function onAbort(signal: AbortSignal, listener: Listener): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  const { listeners, end } = watched.get(signal) ?? watch(signal);
  const own = (): void => {
    listener();
  };
  listeners.add(own);
  return () => {
    listeners.delete(own);
    if (listeners.size === 0) end();
  };
}

function watch(signal: AbortSignal): Watch {
  const listeners = new Set<Listener>();
  const fire = (): void => {
    watched.delete(signal);
    for (const listener of listeners) listener();
    listeners.clear();
  };
  const end = (): void => {
    signal.removeEventListener('abort', fire);
    watched.delete(signal);
  };
  const watching = { listeners, end };
  watched.set(signal, watching);
  signal.addEventListener('abort', fire, { once: true });
  return watching;
}
