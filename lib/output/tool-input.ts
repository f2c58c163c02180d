import { DecoratedClass } from './decorated-class.js';
import type { JsonObject, OutputClass, OutputOutcome } from './output-format.js';
import { branchesOf, isSchemaNode, namedSchemas, type SchemaNode } from './schema-node.js';
import { worded } from './wording.js';

// codex 0.169.0 was seen to drop these from the schema of a dynamic tool before the model gets it; it keeps minItems, turns
// const into enum, and sends "strict": false.
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
];

/**
 * The input of an in-process tool, described by a decorated class: the JSON Schema for `dynamicTools`, and the way from the
 * model's arguments to a validated instance. Optional properties stay optional, since tools are not in strict mode; what codex
 * would drop from the schema is said in the descriptions.
 *
 * @internal
 */
export class ToolInput<T extends object> {
  /** The `inputSchema` of the tool. */
  readonly schema: JsonObject;
  readonly #class: DecoratedClass<T>;

  private constructor(decorated: DecoratedClass<T>) {
    this.#class = decorated;
    this.schema = spoken(decorated.schema);
  }

  /**
   * Reads the class.
   *
   * @throws {@link ValidationError} with the path of everything that JSON arguments cannot express.
   */
  static of<T extends object>(type: OutputClass<T>): ToolInput<T> {
    return new ToolInput(DecoratedClass.read(type, 'tool input class'));
  }

  /** Makes a validated instance of the model's arguments, or tells everything that is wrong with them. */
  read(args: unknown): OutputOutcome<T> {
    return this.#class.hydrate(args);
  }
}

function spoken(schema: unknown): SchemaNode {
  if (!isSchemaNode(schema)) return {};
  const { items, anyOf, properties, $defs } = schema;
  const children = (named: unknown): SchemaNode =>
    Object.fromEntries(namedSchemas(named).map(([name, child]) => [name, spoken(child)]));
  return worded(
    {
      ...schema,
      ...(items === undefined ? {} : { items: spoken(items) }),
      ...(anyOf === undefined ? {} : { anyOf: branchesOf(schema).map(spoken) }),
      ...(properties === undefined ? {} : { properties: children(properties) }),
      ...($defs === undefined ? {} : { $defs: children($defs) }),
    },
    (keyword) => droppedByCodex.includes(keyword),
  );
}
