import type { ValidationProblem } from '../errors.js';
import type { JsonValue } from '../protocol/index.js';

/** A JSON object, such as a JSON Schema. */
export type JsonObject = Readonly<Record<string, JsonValue | undefined>>;

/**
 * A class whose properties carry class-validator decorators and which can be made without arguments: at once the JSON
 * Schema the model answers in, the validator of the answer, and its type.
 */
export type OutputClass<T extends object = object> = new () => T;

/** What became of an answer: the value, or everything that is wrong with it. */
export type OutputOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ValidationProblem[] };

/** One form of structured output: the schema that goes with a turn, and the reader of the text that comes back. */
export interface OutputFormat<T> {
  /** The strict JSON Schema that is sent as `outputSchema` of `turn/start`. */
  readonly schema: JsonObject;
  /** The schemas of properties whose null stands for a property which was left out. */
  readonly leftOut: ReadonlySet<unknown>;
  /** Reads the model's final text; never throws on account of the text. */
  parse(text: string): OutputOutcome<T>;
}
