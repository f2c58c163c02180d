/** Selects the messages of a method that a fault applies to. Both counts start at 1 in each connection. */
export interface FaultOccurrence {
  /** The first message. Without `nth` and `times`: all messages. */
  readonly nth?: number;
  /** The number of messages, starting at `nth`. Defaults to 1 with `nth`, and to all without. */
  readonly times?: number;
  /** Only in this connection of the transport, starting at 1: the second is the one after a crash. */
  readonly generation?: number;
  /** Only messages whose params match; others are not counted. */
  readonly where?: (params: never) => boolean;
  /** Whether to inject before or after the message (for a request: after its reply). Defaults to `before`. */
  readonly when?: 'before' | 'after';
}

/** Counts the messages that a fault may apply to, per connection. @internal */
export class FaultCounter {
  readonly #occurrence: FaultOccurrence;
  readonly #seen = new Map<number, number>();

  constructor(occurrence: FaultOccurrence) {
    this.#occurrence = occurrence;
  }

  /** Whether the fault applies to this message; counts it. */
  matches(generation: number, params: unknown): boolean {
    const { nth = 1, where, generation: only = generation } = this.#occurrence;
    if (only !== generation || where?.(params as never) === false) return false;
    const times = this.#occurrence.times ?? (this.#occurrence.nth === undefined ? Infinity : 1);
    const seen = (this.#seen.get(generation) ?? 0) + 1;
    this.#seen.set(generation, seen);
    return seen >= nth && seen < nth + times;
  }
}
