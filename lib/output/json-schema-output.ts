import { ValidationError } from '../errors.js';
import type { JsonObject, OutputFormat, OutputOutcome } from './output-format.js';
import { readJson, shown } from './json.js';
import { isSchemaNode, type SchemaNode } from './schema-node.js';
import { limitProblems } from './strict-limits.js';
import { strictProblems } from './strict-rules.js';

/** A JSON Schema given by hand. */
export interface JsonSchemaOutput {
  /** The schema, in OpenAI's strict subset; it is sent as it stands. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
}

/**
 * Structured output described by a JSON Schema. The answer is read as JSON and must be an object; it is not compared with the
 * schema again, which strict mode has enforced: whoever needs that guarantee locally passes a class or a Standard Schema.
 *
 * @internal
 */
export class OutputOfJsonSchema implements OutputFormat<JsonObject> {
  readonly schema: JsonObject;

  private constructor(schema: SchemaNode) {
    this.schema = schema;
  }

  /**
   * Checks the schema and takes a copy of it.
   *
   * @throws {@link ValidationError} with the path of everything that strict mode refuses.
   */
  static of({ jsonSchema }: JsonSchemaOutput): OutputOfJsonSchema {
    const schema = copied(jsonSchema);
    const problems = [...strictProblems(schema), ...limitProblems(schema)];
    if (problems.length > 0) throw new ValidationError('output JSON Schema', problems);
    return new OutputOfJsonSchema(schema);
  }

  parse(text: string): OutputOutcome<JsonObject> {
    const json = readJson(text);
    if (!json.ok) return json;
    if (isSchemaNode(json.value)) return { ok: true, value: json.value };
    return {
      ok: false,
      problems: [{ path: '', reason: `must be an object, got ${shown(json.value)}` }],
    };
  }
}

function copied(schema: unknown): SchemaNode {
  let copy: unknown;
  try {
    copy = JSON.parse(JSON.stringify(schema));
  } catch (error) {
    throw new ValidationError(
      'output JSON Schema',
      [{ path: '', reason: `is not JSON: ${String(error)}` }],
      error,
    );
  }
  if (isSchemaNode(copy)) return copy;
  throw new ValidationError('output JSON Schema', [
    { path: '', reason: `must be an object, got ${shown(schema)}` },
  ]);
}
