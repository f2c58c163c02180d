/** A report of a worker about its turns, sent over the channel of the engine. */
export interface FleetEvent {
  /** The worker that sends it. */
  readonly worker: string;
  /** `alive` is sent every second; the page itself detects that a worker is `silent`. */
  readonly kind:
    'up' | 'alive' | 'started' | 'delta' | 'ended' | 'failed' | 'put-off' | 'down' | 'silent';
  /** The key of the thread, if the report concerns one. */
  readonly thread?: string;
  /** The idempotency key of the turn. */
  readonly turn?: string;
  /** A piece of the answer, the end of the turn, or the error. */
  readonly text?: string;
  /** The current version of the thread. */
  readonly token?: string;
}

/** The numbers of waiting, running and ended turns in the engine. */
export type QueueCounts = Readonly<Record<string, number>>;
