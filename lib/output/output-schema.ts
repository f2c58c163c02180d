import { ValidationError } from '../errors.js';
import { isObject } from '../shapes.js';
import type { JsonObject, OutputClass, OutputFormat } from './output-format.js';
import { shown } from './json.js';
import { OutputOfClass } from './class-output.js';
import { OutputOfJsonSchema, type JsonSchemaOutput } from './json-schema-output.js';
import { OutputOfStandardSchema } from './standard-schema-output.js';
import type { StandardSchema } from './standard-schema.js';

/** A description of a structured answer: a decorated class, a Standard Schema, or a JSON Schema. */
export type OutputSource = OutputClass | StandardSchema | JsonSchemaOutput;

/** The type of the parsed answer: an instance of the class, the output of the Standard Schema, or a plain object. */
export type OutputOf<S extends OutputSource> = S extends StandardSchema
  ? NonNullable<S['~standard']['types']>['output']
  : S extends OutputClass<infer T>
    ? T
    : JsonObject;

/**
 * Prepares structured output: the strict JSON Schema to send, and the reader of the answer.
 *
 * @throws {@link ValidationError} before anything is sent, with the path of everything that strict mode cannot express
 */
export function outputFormat<S extends OutputSource>(source: S): OutputFormat<OutputOf<S>>;
export function outputFormat(source: OutputSource): OutputFormat<unknown> {
  // An ArkType type is also a function, so the key of the specification is checked first.
  if (isObject(source) && '~standard' in source) return OutputOfStandardSchema.of(source);
  if (isObject(source) && 'jsonSchema' in source) return OutputOfJsonSchema.of(source);
  if (typeof source === 'function') return OutputOfClass.of(source);
  throw new ValidationError('output', [
    {
      path: '',
      reason: `must be a decorated class, a Standard Schema or { jsonSchema }, got ${shown(source)}`,
    },
  ]);
}
