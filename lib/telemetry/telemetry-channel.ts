import { channel, subscribe, unsubscribe, type Channel } from 'node:diagnostics_channel';

/**
 * A diagnostics channel with a type. Costs nothing while nobody listens: the message is made only for subscribers.
 *
 * @example
 * ```ts
 * telemetry.resumeMismatch.subscribe(({ threadId, reason }) => log.warn({ threadId, reason }));
 * ```
 */
export class TelemetryChannel<T extends object> {
  /** The name under which `node:diagnostics_channel` knows it. */
  readonly name: string;
  readonly #channel: Channel;

  constructor(name: string) {
    this.name = name;
    this.#channel = channel(name);
  }

  /** Calls the listener with every message from now on. Returns what removes it. */
  subscribe(listener: (message: T) => void): () => void {
    const own = (message: unknown): void => {
      listener(message as T);
    };
    subscribe(this.name, own);
    return () => {
      unsubscribe(this.name, own);
    };
  }

  /** Tells the subscribers, if there are any. @internal */
  publish(make: () => T): void {
    if (this.#channel.hasSubscribers) this.#channel.publish(Object.freeze(make()));
  }
}
