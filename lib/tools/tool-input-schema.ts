import type { JsonValue } from '../protocol/index.js';
import type { OutputClass } from '../output/output-format.js';
import type { Examination } from '../validation.js';

/** What a tool takes: the JSON Schema that the model is given, and the reader of the arguments it sends. */
export interface ToolInputSchema<T extends object = object> {
  /** The `inputSchema` of the tool. Its root describes an object. */
  readonly schema: Readonly<Record<string, JsonValue | undefined>>;
  /** Makes the method's input of the model's arguments, or tells everything that is wrong with them. */
  read(args: unknown): Examination<T>;
}

/**
 * Turns a decorated class into what a tool takes.
 *
 * @throws `ValidationError` with the path of everything that JSON arguments cannot express
 */
export type ReadToolInput = (type: OutputClass) => ToolInputSchema;
