import { Deferred } from '../../deferred.js';

/**
 * A point at which scripted work waits until the test opens it, so that specs synchronize without sleeping.
 *
 * Add it to a reply with `ScriptedReply.gate(gate)`, await {@link Gate.reached}, act, then call {@link Gate.open}. One
 * gate can be used in many replies; opening it releases all of them, including later ones.
 *
 * @example
 * ```ts
 * const gate = new Gate();
 * model.reply(ScriptedReply.deltas('I begin').gate(gate).deltas(' and end.'));
 * const result = thread.run('Go');
 *
 * await gate.reached;
 * // The turn stays at this point until the test opens the gate.
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

  /** The number of replies that have reached this gate. */
  get arrivals(): number {
    return this.#arrivals;
  }

  /** Settles when the first reply reaches this gate. */
  get reached(): Promise<void> {
    return this.reachedBy(1);
  }

  /** Settles when `count` replies have reached this gate, for tests with many threads. */
  async reachedBy(count: number): Promise<void> {
    if (this.#arrivals >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Opens the gate permanently. Idempotent. */
  open(): void {
    this.#opening.resolve();
  }

  /** Counts an arrival and resolves when the gate is open. @internal */
  async pass(): Promise<void> {
    this.#arrivals += 1;
    for (const { count, resolve } of this.#waiting) if (this.#arrivals >= count) resolve();
    await this.opened;
  }
}
