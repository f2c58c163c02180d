import type { ValidationProblem } from '../errors.js';
import type { JsonValue } from '../protocol/index.js';

/** A JSON object, such as a JSON Schema. */
export type JsonObject = Readonly<Record<string, JsonValue | undefined>>;

/**
 * A class that has properties with class-validator decorators and a constructor without arguments. It provides the JSON
 * Schema for the model, the validator of the answer, and its type.
 */
export type OutputClass<T extends object = object> = new () => T;

/** The result of reading an answer: the value, or all problems. */
export type OutputOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly ValidationProblem[] };

/** One form of structured output: the schema for a turn, and the reader of the answer. */
export interface OutputFormat<T> {
  /** The strict JSON Schema, sent as `outputSchema` of `turn/start`. */
  readonly schema: JsonObject;
  /** The schemas of properties for which null means omitted. */
  readonly leftOut: ReadonlySet<unknown>;
  /** Reads the model's final text; never throws because of the text. */
  parse(text: string): OutputOutcome<T>;
}
