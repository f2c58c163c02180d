import type { ServerNotification } from '../protocol/index.js';
import { guarded } from './guarded.js';

/** Receives notifications as they arrive. */
export type NotificationListener = (notification: ServerNotification) => void;

/** A notification with this method. */
export type NotificationOf<M extends ServerNotification['method']> = Extract<
  ServerNotification,
  { readonly method: M }
>;

/**
 * Routes each notification to its listeners: those for everything, those for its method, and those for its thread or for
 * threads without a listener.
 */
export class NotificationRouter {
  readonly #any = new Listeners();
  readonly #unclaimed = new Listeners();
  readonly #methods = new KeyedListeners();
  readonly #threads = new KeyedListeners();

  /** Adds a listener for all notifications. */
  onAny(listener: NotificationListener): () => void {
    return this.#any.add(listener);
  }

  /** Adds a listener for the notifications with one method. */
  onMethod<M extends ServerNotification['method']>(
    method: M,
    listener: (notification: NotificationOf<M>) => void,
  ): () => void {
    return this.#methods.add(method, listener as NotificationListener);
  }

  /** Adds a listener for one thread. */
  onThread(threadId: string, listener: NotificationListener): () => void {
    return this.#threads.add(threadId, listener);
  }

  /** Adds a listener for notifications of threads that have no listener. */
  onUnclaimed(listener: NotificationListener): () => void {
    return this.#unclaimed.add(listener);
  }

  /** Calls the listeners in the order in which they were added. An error in one does not affect the others. */
  route(notification: ServerNotification): void {
    this.#call(this.#any, notification);
    this.#call(this.#methods.of(notification.method), notification);
    if (this.#threads.isEmpty && this.#unclaimed.all.length === 0) return;
    const threadId = threadIdOf(notification);
    if (threadId !== null) this.#call(this.#threads.of(threadId) ?? this.#unclaimed, notification);
  }

  #call(listeners: Listeners | undefined, notification: ServerNotification): void {
    for (const { listener } of listeners?.all ?? []) {
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

/** Listeners by a key; a key without listeners is removed. */
class KeyedListeners {
  readonly #of = new Map<string, Listeners>();

  get isEmpty(): boolean {
    return this.#of.size === 0;
  }

  of(key: string): Listeners | undefined {
    return this.#of.get(key);
  }

  add(key: string, listener: NotificationListener): () => void {
    const listeners = this.#of.get(key) ?? new Listeners();
    this.#of.set(key, listeners);
    const remove = listeners.add(listener);
    return () => {
      remove();
      if (listeners.all.length === 0 && this.#of.get(key) === listeners) this.#of.delete(key);
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
