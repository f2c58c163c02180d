import type { JsonValue } from '../protocol/index.js';
import type { OutputOf, OutputSource } from '../output/output-schema.js';
import type { Examination } from '../validation.js';

/** The input of a tool: the JSON Schema for the model, and the reader of its arguments. */
export interface ToolInputSchema<T extends object = object> {
  /** The `inputSchema` of the tool. Its root must describe an object. */
  readonly schema: Readonly<Record<string, JsonValue | undefined>>;
  /** Converts the model's arguments to the input of the method, or returns all problems. */
  read(args: unknown): Examination<T>;
}

/**
 * A description of a tool's input: a decorated class, a Standard Schema with a JSON Schema (Zod, Valibot, ArkType), a
 * JSON Schema, or a custom reader.
 *
 * @inline
 */
export type ToolInputSource = OutputSource | ToolInputSchema;

/** The input of a tool: nothing, or the value that its source reads. @inline */
export type ToolInputOf<S extends ToolInputSource | undefined> =
  S extends ToolInputSchema<infer T>
    ? T
    : S extends OutputSource
      ? OutputOf<S>
      : Record<string, never>;
