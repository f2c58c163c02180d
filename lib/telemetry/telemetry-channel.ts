import { channel, subscribe, unsubscribe, type Channel } from 'node:diagnostics_channel';

/**
 * A typed diagnostics channel. It costs nothing without subscribers: messages are created only for them.
 *
 * @example
 * ```ts
 * const stop = telemetry.resumeMismatch.subscribe(({ reason }) => {
 *   console.log(reason); // unknown-thread
 * });
 * await codex.resumeThread('00000000-0000-4000-8000-000000000000').catch(() => null);
 * stop();
 * ```
 */
export class TelemetryChannel<T extends object> {
  /** The name in `node:diagnostics_channel`. */
  readonly name: string;
  readonly #channel: Channel;

  constructor(name: string) {
    this.name = name;
    this.#channel = channel(name);
  }

  /** Calls the listener with every message from now on. Returns a function that removes it. */
  subscribe(listener: (message: T) => void): () => void {
    const own = (message: unknown): void => {
      listener(message as T);
    };
    subscribe(this.name, own);
    return () => {
      unsubscribe(this.name, own);
    };
  }

  /** Whether there is a subscriber. @internal */
  get isHeard(): boolean {
    return this.#channel.hasSubscribers;
  }

  /** Publishes a message to the subscribers, if any. @internal */
  publish(make: () => T): void {
    if (this.#channel.hasSubscribers) this.#channel.publish(Object.freeze(make()));
  }
}
