import { Deferred } from '../../deferred.js';

/**
 * A point that scripted work stops at until the test lets it go on, so that specs synchronise without sleeping.
 *
 * Put it into a reply with `ScriptedReply.gate(gate)`, await {@link Gate.reached}, act, then {@link Gate.open}. One gate may stand in
 * many replies; opening it frees all of them, also those that arrive later.
 *
 * @example
 * ```ts
 * const gate = new Gate();
 * model.reply(ScriptedReply.deltas('I begin').gate(gate).deltas(' and end.'));
 * const result = thread.run('Go');
 *
 * await gate.reached;
 * // The turn is in its middle now, for as long as the test likes.
 * gate.open();
 * console.log((await result).finalResponse); // I begin and end.
 * ```
 */
export class Gate {
  readonly #opening = new Deferred();
  /** Settles when the gate opens. */
  readonly opened: Promise<void> = this.#opening.promise;
  #arrivals = 0;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /** Whether {@link Gate.open} was called. */
  get isOpen(): boolean {
    return this.#opening.isResolved;
  }

  /** How many replies have come to this gate. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /** Settles when the first reply has come to this gate. */
  get reached(): Promise<void> {
    return this.reachedBy(1);
  }

  /** Settles when `count` replies have come to this gate: for many threads at once. */
  async reachedBy(count: number): Promise<void> {
    if (this.#arrivals >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Lets everything go on, for good. Idempotent. */
  open(): void {
    this.#opening.resolve();
  }

  /** Counts an arrival and resolves once the gate is open. @internal */
  async pass(): Promise<void> {
    this.#arrivals += 1;
    for (const { count, resolve } of this.#waiting) if (this.#arrivals >= count) resolve();
    await this.opened;
  }
}
