import { channel, subscribe, unsubscribe, type Channel } from 'node:diagnostics_channel';

/**
 * A diagnostics channel with a type. Costs nothing while nobody listens: the message is made only for subscribers.
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

  /** Whether anybody listens. @internal */
  get isHeard(): boolean {
    return this.#channel.hasSubscribers;
  }

  /** Tells the subscribers, if there are any. @internal */
  publish(make: () => T): void {
    if (this.#channel.hasSubscribers) this.#channel.publish(Object.freeze(make()));
  }
}
