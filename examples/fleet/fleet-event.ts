/** What a worker tells while it runs turns, over whatever the engine has for it. */
export interface FleetEvent {
  /** The worker that tells it. */
  readonly worker: string;
  /** `alive` is said every second; the page itself notes that a worker is `silent`. */
  readonly kind:
    'up' | 'alive' | 'started' | 'delta' | 'ended' | 'failed' | 'put-off' | 'down' | 'silent';
  /** The key of the thread, where it is about one. */
  readonly thread?: string;
  /** The idempotency key of the turn. */
  readonly turn?: string;
  /** A piece of the answer, how the turn ended, or what went wrong. */
  readonly text?: string;
  /** The version that the thread has reached. */
  readonly token?: string;
}

/** How many turns wait, run, and are done, as the engine counts them. */
export type QueueCounts = Readonly<Record<string, number>>;
