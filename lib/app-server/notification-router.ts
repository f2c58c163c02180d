import type { ServerNotification } from '../protocol/index.js';

/** Gets notifications as they arrive. */
export type NotificationListener = (notification: ServerNotification) => void;

/** Hands each notification to those who asked for it: everything, one thread's, or what no thread's listener takes. */
export class NotificationRouter {
  readonly #any = new Set<{ readonly listener: NotificationListener }>();
  readonly #unclaimed = new Set<{ readonly listener: NotificationListener }>();
  readonly #threads = new Map<string, Set<{ readonly listener: NotificationListener }>>();
  #listenerErrors = 0;

  /** How many listeners threw so far. */
  get listenerErrors(): number {
    return this.#listenerErrors;
  }

  /** Adds a listener to everything. */
  onAny(listener: NotificationListener): () => void {
    return add(this.#any, listener);
  }

  /** Adds a listener to one thread. */
  onThread(threadId: string, listener: NotificationListener): () => void {
    const listeners = this.#threads.get(threadId) ?? new Set();
    this.#threads.set(threadId, listeners);
    const remove = add(listeners, listener);
    return () => {
      remove();
      if (listeners.size === 0 && this.#threads.get(threadId) === listeners)
        this.#threads.delete(threadId);
    };
  }

  /** Adds a listener to what carries a thread id that nobody listens to. */
  onUnclaimed(listener: NotificationListener): () => void {
    return add(this.#unclaimed, listener);
  }

  /** Calls the listeners, in the order in which they were added. One that throws does not keep it from the others. */
  route(notification: ServerNotification): void {
    this.#call(this.#any, notification);
    const threadId = threadIdOf(notification);
    if (threadId !== null) this.#call(this.#threads.get(threadId) ?? this.#unclaimed, notification);
  }

  #call(
    listeners: ReadonlySet<{ readonly listener: NotificationListener }>,
    notification: ServerNotification,
  ): void {
    // A copy: a listener may add or remove listeners.
    for (const { listener } of [...listeners]) {
      try {
        listener(notification);
      } catch {
        this.#listenerErrors += 1;
      }
    }
  }
}

function add(
  listeners: Set<{ readonly listener: NotificationListener }>,
  listener: NotificationListener,
): () => void {
  const entry = { listener };
  listeners.add(entry);
  return () => void listeners.delete(entry);
}

/** The thread a notification is about, or null. */
export function threadIdOf(notification: ServerNotification): string | null {
  const params = notification.params as
    { threadId?: unknown; thread?: { id?: unknown } } | undefined;
  const id = params?.threadId ?? params?.thread?.id;
  return typeof id === 'string' ? id : null;
}
