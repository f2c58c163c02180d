import type {
  FaultyFault,
  FaultyNotificationFault,
  FaultyOccurrence,
  FaultyRequestFault,
  FaultyScript,
} from './faulty-script.js';

/** Counts messages by method and says which faults of a script each one meets. @internal */
export class FaultyOccurrences {
  readonly #script: FaultyScript;
  readonly #generation: number;
  readonly #counts = new Map<string, number>();

  constructor(script: FaultyScript, generation: number) {
    this.#script = script;
    this.#generation = generation;
  }

  /** The faults for the next request with this method. */
  ofRequest(method: string): readonly FaultyRequestFault[] {
    const nth = this.#next(`> ${method}`);
    return this.#faults(nth, (fault) => 'request' in fault && fault.request === method);
  }

  /** The faults for the next notification with this method. */
  ofNotification(method: string): readonly FaultyNotificationFault[] {
    const nth = this.#next(`< ${method}`);
    return this.#faults(nth, (fault) => 'notification' in fault && fault.notification === method);
  }

  #next(key: string): number {
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    return nth;
  }

  #faults<T extends FaultyFault>(nth: number, isMeant: (fault: FaultyFault) => boolean): T[] {
    return (this.#script.faults ?? []).filter(
      (fault): fault is T => isMeant(fault) && this.#includes(fault, nth),
    );
  }

  #includes(occurrence: FaultyOccurrence, nth: number): boolean {
    const { nth: first = 1, generation = this.#generation } = occurrence;
    const times = occurrence.times ?? (occurrence.nth === undefined ? Infinity : 1);
    return generation === this.#generation && nth >= first && nth < first + times;
  }
}
