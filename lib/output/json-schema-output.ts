import { ValidationError } from '../errors.js';
import type { JsonObject, OutputFormat, OutputOutcome } from './output-format.js';
import { readJson, shown } from './json.js';
import { schemaProblems } from './json-schema-check.js';
import { isSchemaNode, type SchemaNode } from './schema-node.js';
import { limitProblems } from './strict-limits.js';
import { strictProblems } from './strict-rules.js';

/** A handwritten JSON Schema. */
export interface JsonSchemaOutput {
  /**
   * The schema. For structured output it must be in OpenAI's strict subset and is sent unchanged; for the input of a
   * tool, properties may be optional. The model's JSON is validated against it, except `format`.
   */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
}

/**
 * Structured output described by a JSON Schema. The answer is validated locally, because a provider without strict mode
 * does not enforce the schema.
 *
 * @internal
 */
export class OutputOfJsonSchema implements OutputFormat<JsonObject> {
  readonly schema: JsonObject;
  readonly leftOut: ReadonlySet<unknown> = new Set();

  private constructor(schema: SchemaNode) {
    this.schema = schema;
  }

  /**
   * Checks and copies the schema.
   *
   * @throws {@link ValidationError} with the path of everything that strict mode rejects
   */
  static of({ jsonSchema }: JsonSchemaOutput): OutputOfJsonSchema {
    const schema = copyOfSchema(jsonSchema, 'output JSON Schema');
    const problems = [...strictProblems(schema), ...limitProblems(schema)];
    if (problems.length > 0) throw new ValidationError('output JSON Schema', problems);
    return new OutputOfJsonSchema(schema);
  }

  parse(text: string): OutputOutcome<JsonObject> {
    const json = readJson(text);
    if (!json.ok) return json;
    return checkedObject(this.schema, json.value);
  }
}

/** Plain data that must be an object and match a schema, or all problems. @internal */
export function checkedObject(schema: JsonObject, data: unknown): OutputOutcome<JsonObject> {
  if (!isSchemaNode(data))
    return {
      ok: false,
      problems: [{ path: '', reason: `must be an object, got ${shown(data)}` }],
    };
  const problems = schemaProblems(schema, data);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: data };
}

/**
 * Copies a schema, to protect it from later changes.
 *
 * @throws {@link ValidationError} if it is not a JSON object
 * @internal
 */
export function copyOfSchema(schema: unknown, subject: string): SchemaNode {
  let copy: unknown;
  try {
    copy = JSON.parse(JSON.stringify(schema));
  } catch (error) {
    throw new ValidationError(
      subject,
      [{ path: '', reason: `is not JSON: ${String(error)}` }],
      error,
    );
  }
  if (isSchemaNode(copy)) return copy;
  throw new ValidationError(subject, [
    { path: '', reason: `must be an object, got ${shown(schema)}` },
  ]);
}
