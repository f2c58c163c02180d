import type { JsonValue } from '../protocol/index.js';
import type { OutputOf, OutputSource } from '../output/output-schema.js';
import type { Examination } from '../validation.js';

/** What a tool takes: the JSON Schema that the model is given, and the reader of the arguments it sends. */
export interface ToolInputSchema<T extends object = object> {
  /** The `inputSchema` of the tool. Its root describes an object. */
  readonly schema: Readonly<Record<string, JsonValue | undefined>>;
  /** Makes the method's input of the model's arguments, or tells everything that is wrong with them. */
  read(args: unknown): Examination<T>;
}

/**
 * Everything that can describe the input of a tool: a decorated class, a Standard Schema that gives a JSON Schema (Zod, Valibot,
 * ArkType), a JSON Schema, or a reader of your own.
 *
 * @inline
 */
export type ToolInputSource = OutputSource | ToolInputSchema;

/** What a tool is given: nothing, or the value that its input's source reads. @inline */
export type ToolInputOf<S extends ToolInputSource | undefined> =
  S extends ToolInputSchema<infer T>
    ? T
    : S extends OutputSource
      ? OutputOf<S>
      : Record<string, never>;
