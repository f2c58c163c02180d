import type { OutputFormat } from '../output/output-format.js';
import type { PartialAnswer } from '../output/partial-output.js';
import type { TurnEvent } from './turn-events.js';

/**
 * A part of a structured answer: the part written so far that conforms to the schema. Values are JSON, before the schema or
 * the class transforms them.
 */
export type PartialOutput<T> = T extends readonly (infer Item)[]
  ? readonly PartialOutput<Item>[]
  : T extends (...args: never) => unknown
    ? never
    : T extends Date
      ? string
      : T extends object
        ? { readonly [Name in keyof T]?: PartialOutput<T[Name]> }
        : T;

/** Builds partial outputs from the events of one turn. */
export class PartialOutputs {
  readonly #format: () => OutputFormat<unknown> | null;
  #answer: PartialAnswer | null = null;
  #itemId: string | null = null;

  /** @param format - the form of the answer, once the turn has started */
  constructor(format: () => OutputFormat<unknown> | null) {
    this.#format = format;
  }

  /** The answer so far, or undefined if the event does not change it. */
  async take(event: TurnEvent): Promise<unknown> {
    if (event.type !== 'text.delta' && event.type !== 'text.replaced') return undefined;
    // Commentary is not part of the answer.
    if (event.phase === 'commentary') return undefined;
    const answer = await this.#load();
    if (event.itemId !== this.#itemId || event.type === 'text.replaced') answer?.reset();
    this.#itemId = event.itemId;
    return answer?.add(event.text);
  }

  async #load(): Promise<PartialAnswer | null> {
    const format = this.#format();
    if (this.#answer !== null || format === null) return this.#answer;
    // Loads the parser, which only readers of partial outputs need.
    const { PartialAnswer: Answer } = await import('../output/partial-output.js');
    return (this.#answer = new Answer(format));
  }
}
