import type { OutputFormat } from '../output/output-format.js';
import type { PartialAnswer } from '../output/partial-output.js';
import type { TurnEvent } from './turn-events.js';

/**
 * A part of a structured answer: what the model has written of it so far and keeps to the schema. Values are JSON, before the
 * schema or the class has made anything else of them.
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

/** Makes partial outputs of the events of one turn. */
export class PartialOutputs {
  readonly #format: () => OutputFormat<unknown> | null;
  #answer: PartialAnswer | null = null;
  #itemId: string | null = null;

  /** @param format - the form of the answer, once the turn has started */
  constructor(format: () => OutputFormat<unknown> | null) {
    this.#format = format;
  }

  /** The answer so far, or undefined when an event adds nothing to it. */
  async take(event: TurnEvent): Promise<unknown> {
    if (event.type !== 'text.delta' && event.type !== 'text.replaced') return undefined;
    // What the model says on its way is not the answer.
    if (event.phase === 'commentary') return undefined;
    const answer = await this.#load();
    if (event.itemId !== this.#itemId || event.type === 'text.replaced') answer?.reset();
    this.#itemId = event.itemId;
    return answer?.add(event.text);
  }

  async #load(): Promise<PartialAnswer | null> {
    const format = this.#format();
    if (this.#answer !== null || format === null) return this.#answer;
    // With the parser, which only those need who look at partial outputs.
    const { PartialAnswer: Answer } = await import('../output/partial-output.js');
    return (this.#answer = new Answer(format));
  }
}
