import { ValidationError } from '../errors.js';
import { isObject } from '../shapes.js';
import { DecoratedClass } from './decorated-class.js';
import { shown } from './json.js';
import { checkedObject, copyOfSchema } from './json-schema-output.js';
import type { JsonObject, OutputOutcome } from './output-format.js';
import type { OutputOf, OutputSource } from './output-schema.js';
import { branchesOf, isSchemaNode, namedSchemas, type SchemaNode } from './schema-node.js';
import { inputSchemaOf, readByStandardSchema } from './standard-schema.js';
import { toolSchemaProblems } from './tool-schema-rules.js';
import { worded } from './wording.js';

// codex 0.169.0 removes these from the schema of a dynamic tool before the model gets it; it keeps minItems, converts
// const to enum, and sends "strict": false.
const droppedByCodex = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'default',
];

/**
 * The input of an in-process tool: provides the JSON Schema for `dynamicTools`, and converts the model's arguments to
 * the input of the tool. Optional properties stay optional, because tools are not in strict mode. Constraints that
 * codex would remove move into the descriptions.
 *
 * @internal
 */
export class ToolInput<T> {
  /** The `inputSchema` of the tool. */
  readonly schema: JsonObject;
  readonly #read: (args: unknown) => OutputOutcome<T>;

  private constructor(schema: unknown, read: (args: unknown) => OutputOutcome<T>) {
    this.schema = spoken(schema);
    this.#read = read;
  }

  /**
   * Reads a decorated class, a Standard Schema or a JSON Schema.
   *
   * @throws {@link ValidationError} with the path of everything that JSON arguments cannot express
   */
  static of<S extends OutputSource>(source: S): ToolInput<OutputOf<S>>;
  static of(source: OutputSource): ToolInput<unknown> {
    // An ArkType type is also a function, so the key of the specification is checked first.
    if (isObject(source) && '~standard' in source) {
      const standard = source['~standard'];
      const subject = `input schema of ${standard.vendor}`;
      const schema = checkedSchema(inputSchemaOf(standard, subject), subject);
      return new ToolInput(schema, (args) => readByStandardSchema(standard, args));
    }
    if (isObject(source) && 'jsonSchema' in source) {
      const subject = 'input JSON Schema';
      const schema = checkedSchema(copyOfSchema(source.jsonSchema, subject), subject);
      return new ToolInput(schema, (args) => checkedObject(schema, args));
    }
    if (typeof source !== 'function')
      throw new ValidationError('tool input', [
        {
          path: '',
          reason: `must be a decorated class, a Standard Schema or { jsonSchema }, got ${shown(source)}`,
        },
      ]);
    const decorated = DecoratedClass.read(source, 'tool input class');
    return new ToolInput(decorated.schema, (args) => decorated.hydrate(args));
  }

  /** Converts the model's arguments to the tool's input, or returns all problems. */
  read(args: unknown): OutputOutcome<T> {
    return this.#read(args);
  }
}

function checkedSchema(schema: SchemaNode, subject: string): SchemaNode {
  const problems = toolSchemaProblems(schema);
  if (problems.length > 0) throw new ValidationError(subject, problems);
  return schema;
}

function spoken(schema: unknown): SchemaNode {
  if (!isSchemaNode(schema)) return {};
  const { items, anyOf, oneOf, properties, additionalProperties, $defs, definitions, ...rest } =
    schema;
  // The model does not receive oneOf.
  const branches = branchesOf(anyOf === undefined ? { anyOf: oneOf } : schema);
  const children = (named: unknown): SchemaNode =>
    Object.fromEntries(namedSchemas(named).map(([name, child]) => [name, spoken(child)]));
  return worded(
    {
      ...rest,
      ...(items === undefined ? {} : { items: spoken(items) }),
      ...(branches.length === 0 ? {} : { anyOf: branches.map(spoken) }),
      ...(properties === undefined ? {} : { properties: children(properties) }),
      ...(additionalProperties === undefined
        ? {}
        : {
            additionalProperties: isSchemaNode(additionalProperties)
              ? spoken(additionalProperties)
              : additionalProperties,
          }),
      ...($defs === undefined ? {} : { $defs: children($defs) }),
      ...(definitions === undefined ? {} : { definitions: children(definitions) }),
    },
    (keyword) => droppedByCodex.includes(keyword),
  );
}
