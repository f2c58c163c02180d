import { ValidationError, type ValidationProblem } from '../errors.js';
import { messageOf } from '../shapes.js';
import type { JsonObject, OutputFormat, OutputOutcome } from './output-format.js';
import { readJson, shown } from './json.js';
import { isSchemaNode, propertyPath, type SchemaNode } from './schema-node.js';
import { limitProblems } from './strict-limits.js';
import { strictProblems } from './strict-rules.js';
import { StrictSchema } from './strict-schema.js';

/** Any schema of the Standard Schema specification (standardschema.dev), such as one of Zod, Valibot or ArkType. */
export interface StandardSchema<Output = unknown> {
  /** The properties of the specification. */
  readonly '~standard': {
    /** The version of the specification. */
    readonly version: 1;
    /** The library the schema comes from. */
    readonly vendor: string;
    /** Checks a value and turns it into the schema's output. */
    readonly validate: (
      value: unknown,
    ) => StandardResult<Output> | PromiseLike<StandardResult<Output>>;
    /** The types, for inference only. */
    readonly types?:
      | {
          /** What it takes in. */
          readonly input: unknown;
          /** What it gives. */
          readonly output: Output;
        }
      | undefined;
  };
}

/** What a {@link StandardSchema} says of a value. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing a {@link StandardSchema} finds wrong. */
export interface StandardIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where, as keys from the root. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

interface JsonSchemaSource {
  readonly jsonSchema?: { readonly input: (options: { target: string }) => unknown };
}

/**
 * Structured output described by a Standard Schema that also gives a JSON Schema. The model is asked for the schema's input,
 * the caller gets its output; optional properties are answered with null and left out again before the schema sees them.
 *
 * @internal
 */
export class OutputOfStandardSchema<T> implements OutputFormat<T> {
  readonly schema: JsonObject;
  readonly #strict: StrictSchema;
  readonly #standard: StandardSchema<T>['~standard'];

  private constructor(strict: StrictSchema, standard: StandardSchema<T>['~standard']) {
    this.schema = strict.schema;
    this.#strict = strict;
    this.#standard = standard;
  }

  /**
   * Asks the schema for its JSON Schema and makes that strict.
   *
   * @throws {@link ValidationError} when it gives none, or with the path of everything that strict mode cannot express.
   */
  static of<T>(source: StandardSchema<T>): OutputOfStandardSchema<T> {
    const standard = source['~standard'];
    const strict = StrictSchema.of(inputSchema(standard));
    const problems = [...strictProblems(strict.schema), ...limitProblems(strict.schema)];
    if (problems.length > 0)
      throw new ValidationError(`output schema of ${standard.vendor}`, problems);
    return new OutputOfStandardSchema(strict, standard);
  }

  parse(text: string): OutputOutcome<T> {
    const json = readJson(text);
    if (!json.ok) return json;
    try {
      const answer = this.#strict.withoutNulls(json.value);
      return this.#outcome(this.#standard.validate(answer), answer);
    } catch (error) {
      // A transformation of the schema threw, or the answer is nested deeper than the stack.
      return refused(`cannot be read: ${String(error)}, got ${shown(json.value)}`);
    }
  }

  #outcome(
    result: StandardResult<T> | PromiseLike<StandardResult<T>>,
    answer: unknown,
  ): OutputOutcome<T> {
    if ('then' in result) {
      // Nobody waits for it any more, so its failure must not surface as an unhandled one.
      result.then(undefined, () => undefined);
      return refused(
        'cannot be checked: the schema validates asynchronously, or a function in it threw; use synchronous checks only',
      );
    }
    if (result.issues === undefined) return { ok: true, value: result.value };
    return { ok: false, problems: result.issues.map((issue) => problemOf(issue, answer)) };
  }
}

function refused(reason: string): OutputOutcome<never> {
  return { ok: false, problems: [{ path: '', reason }] };
}

function inputSchema(standard: StandardSchema['~standard']): SchemaNode {
  const { vendor } = standard;
  const source = (standard as JsonSchemaSource).jsonSchema;
  if (source === undefined)
    throw new ValidationError(`output schema of ${vendor}`, [
      {
        path: '',
        reason:
          'gives no JSON Schema: pass a schema of Zod 4.2 or ArkType 2.1.28 or later, toStandardJsonSchema(schema) for Valibot, or { jsonSchema }',
      },
    ]);
  try {
    const schema = source.input({ target: 'draft-2020-12' });
    return isSchemaNode(schema) ? schema : {};
  } catch (error) {
    const reason = `cannot be written as JSON Schema: ${messageOf(error)}`;
    throw new ValidationError(`output schema of ${vendor}`, [{ path: '', reason }], error);
  }
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
