import type { ServerNotification } from '../protocol/index.js';
import { guarded } from './guarded.js';

/** Receives notifications as they arrive. */
export type NotificationListener = (notification: ServerNotification) => void;

/**
 * Routes each notification to its listeners: those for everything, those for its thread, or those for threads without a
 * listener.
 */
export class NotificationRouter {
  readonly #any = new Listeners();
  readonly #unclaimed = new Listeners();
  readonly #threads = new Map<string, Listeners>();

  /** Adds a listener for all notifications. */
  onAny(listener: NotificationListener): () => void {
    return this.#any.add(listener);
  }

  /** Adds a listener for one thread. */
  onThread(threadId: string, listener: NotificationListener): () => void {
    const listeners = this.#threads.get(threadId) ?? new Listeners();
    this.#threads.set(threadId, listeners);
    const remove = listeners.add(listener);
    return () => {
      remove();
      if (listeners.all.length === 0 && this.#threads.get(threadId) === listeners)
        this.#threads.delete(threadId);
    };
  }

  /** Adds a listener for notifications of threads that have no listener. */
  onUnclaimed(listener: NotificationListener): () => void {
    return this.#unclaimed.add(listener);
  }

  /** Calls the listeners in the order in which they were added. An error in one does not affect the others. */
  route(notification: ServerNotification): void {
    this.#call(this.#any, notification);
    if (this.#threads.size === 0 && this.#unclaimed.all.length === 0) return;
    const threadId = threadIdOf(notification);
    if (threadId !== null) this.#call(this.#threads.get(threadId) ?? this.#unclaimed, notification);
  }

  #call({ all }: Listeners, notification: ServerNotification): void {
    for (const { listener } of all) {
      guarded(() => {
        listener(notification);
      });
    }
  }
}

/** Listeners in the order in which they were added. They may add or remove listeners while they are called. */
class Listeners {
  /** Replaced rather than changed, because notifications are far more frequent than changes of listeners. */
  all: readonly Listener[] = [];

  add(listener: NotificationListener): () => void {
    const entry = { listener };
    this.all = [...this.all, entry];
    return () => {
      this.all = this.all.filter((each) => each !== entry);
    };
  }
}

interface Listener {
  readonly listener: NotificationListener;
}

/** The thread that a notification belongs to, or null. */
export function threadIdOf(notification: ServerNotification): string | null {
  const params = notification.params as
    { threadId?: unknown; thread?: { id?: unknown } } | undefined;
  const id = params?.threadId ?? params?.thread?.id;
  return typeof id === 'string' ? id : null;
}
