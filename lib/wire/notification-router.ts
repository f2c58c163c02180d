import type { ServerNotification } from '../protocol/index.js';
import { guarded } from './guarded.js';

/** Gets notifications as they arrive. */
export type NotificationListener = (notification: ServerNotification) => void;

/** Hands each notification to those who asked for it: everything, one thread's, or what no thread's listener takes. */
export class NotificationRouter {
  readonly #any = new Listeners();
  readonly #unclaimed = new Listeners();
  readonly #threads = new Map<string, Listeners>();

  /** Adds a listener to everything. */
  onAny(listener: NotificationListener): () => void {
    return this.#any.add(listener);
  }

  /** Adds a listener to one thread. */
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

  /** Adds a listener to what carries a thread id that nobody listens to. */
  onUnclaimed(listener: NotificationListener): () => void {
    return this.#unclaimed.add(listener);
  }

  /** Calls the listeners, in the order in which they were added. One that throws does not keep it from the others. */
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

/** Listeners in the order in which they were added. One of them may add or remove listeners while they are called. */
class Listeners {
  /** A list that is replaced, not changed: notifications come far more often than listeners. */
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

/** The thread a notification is about, or null. */
export function threadIdOf(notification: ServerNotification): string | null {
  const params = notification.params as
    { threadId?: unknown; thread?: { id?: unknown } } | undefined;
  const id = params?.threadId ?? params?.thread?.id;
  return typeof id === 'string' ? id : null;
}
