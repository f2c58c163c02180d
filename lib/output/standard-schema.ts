import { ValidationError, type ValidationProblem } from '../errors.js';
import { messageOf } from '../shapes.js';
import { shown } from './json.js';
import type { OutputOutcome } from './output-format.js';
import { isSchemaNode, propertyPath, type SchemaNode } from './schema-node.js';

/** A schema of the Standard Schema specification (standardschema.dev), for example of Zod, Valibot or ArkType. */
export interface StandardSchema<Output = unknown> {
  /** The properties of the specification. */
  readonly '~standard': {
    /** The version of the specification. */
    readonly version: 1;
    /** The library of the schema. */
    readonly vendor: string;
    /** Validates a value and converts it to the schema's output. */
    readonly validate: (
      value: unknown,
    ) => StandardResult<Output> | PromiseLike<StandardResult<Output>>;
    /** The types, for inference only. */
    readonly types?:
      | {
          /** The input type. */
          readonly input: unknown;
          /** The output type. */
          readonly output: Output;
        }
      | undefined;
  };
}

/** The result of a {@link StandardSchema} validation. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** A problem found by a {@link StandardSchema}. */
export interface StandardIssue {
  /** The description of the problem. */
  readonly message: string;
  /** The path, as keys from the root. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

interface JsonSchemaSource {
  readonly jsonSchema?: { readonly input: (options: { target: string }) => unknown };
}

/**
 * The output of a Standard Schema for plain data, or all problems.
 *
 * @param prepared - the input of the schema, in place of the data
 * @internal
 */
export function readByStandardSchema<T>(
  standard: StandardSchema<T>['~standard'],
  data: unknown,
  prepared: (data: unknown) => unknown = (same) => same,
): OutputOutcome<T> {
  try {
    const given = prepared(data);
    return outcomeOf(standard.validate(given), given);
  } catch (error) {
    // A transformation of the schema threw, or the data is nested too deeply for the stack.
    return refused(`cannot be read: ${String(error)}, got ${shown(data)}`);
  }
}

/**
 * The JSON Schema of a Standard Schema's input.
 *
 * @throws {@link ValidationError} if it has none
 * @internal
 */
export function inputSchemaOf(standard: StandardSchema['~standard'], subject: string): SchemaNode {
  const source = (standard as JsonSchemaSource).jsonSchema;
  if (source === undefined)
    throw new ValidationError(subject, [
      {
        path: '',
        reason:
          'cannot produce a JSON Schema: pass a schema of Zod 4.2 or ArkType 2.1.28 or later, toStandardJsonSchema(schema) for Valibot, or { jsonSchema }',
      },
    ]);
  try {
    const schema = source.input({ target: 'draft-2020-12' });
    return isSchemaNode(schema) ? schema : {};
  } catch (error) {
    const reason = `cannot be converted to JSON Schema: ${messageOf(error)}`;
    throw new ValidationError(subject, [{ path: '', reason }], error);
  }
}

function outcomeOf<T>(
  result: StandardResult<T> | PromiseLike<StandardResult<T>>,
  data: unknown,
): OutputOutcome<T> {
  if ('then' in result) {
    // Its result is no longer needed; its failure must not become an unhandled rejection.
    result.then(undefined, () => undefined);
    return refused(
      'cannot be validated: the schema is asynchronous, or a function in it threw; use synchronous checks only',
    );
  }
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, problems: result.issues.map((issue) => problemOf(issue, data)) };
}

function refused(reason: string): OutputOutcome<never> {
  return { ok: false, problems: [{ path: '', reason }] };
}

function problemOf({ message, path = [] }: StandardIssue, answer: unknown): ValidationProblem {
  let at = '';
  let value = answer;
  for (const segment of path) {
    const key = typeof segment === 'object' ? segment.key : segment;
    at = Array.isArray(value) ? `${at}[${String(key)}]` : propertyPath(at, String(key));
    value =
      typeof value === 'object' && value !== null
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined;
  }
  return { path: at, reason: `${message}, got ${shown(value)}` };
}
