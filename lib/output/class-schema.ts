import type { ClassShape, PropertyShape } from './class-shape.js';
import { descriptionOf } from './description.js';
import { nullable } from './nullable.js';
import type { SchemaNode } from './schema-node.js';

/**
 * The JSON Schema of a decorated class: keywords where JSON Schema has them, and `says` for the other rules. Optional
 * properties are not in `required`. Nested classes are in `$defs`, with distinct names; the root is `#`.
 *
 * @internal
 */
export function classSchema(root: ClassShape): SchemaNode {
  const names = new Map<ClassShape, string>();
  const definitions: Record<string, SchemaNode> = {};

  const refTo = (shape: ClassShape): string => {
    if (shape === root) return '#';
    const known = names.get(shape);
    if (known !== undefined) return `#/$defs/${known}`;
    const name = unusedName(shape.type.name, definitions);
    names.set(shape, name);
    // A placeholder: the class may refer to itself, and other classes with its name need another one.
    definitions[name] = {};
    definitions[name] = objectSchema(shape, refTo);
    return `#/$defs/${name}`;
  };

  const schema = objectSchema(root, refTo);
  return names.size === 0 ? schema : { ...schema, $defs: definitions };
}

function objectSchema(shape: ClassShape, refTo: (shape: ClassShape) => string): SchemaNode {
  const { type, properties } = shape;
  return {
    type: 'object',
    ...described(descriptionOf(type, null)),
    properties: Object.fromEntries(
      properties.map((property) => [
        property.name,
        { ...propertySchema(property, refTo), ...described(descriptionOf(type, property.name)) },
      ]),
    ),
    required: properties.filter(({ presence }) => presence !== 'optional').map(({ name }) => name),
    additionalProperties: false,
  };
}

function propertySchema(property: PropertyShape, refTo: (shape: ClassShape) => string): SchemaNode {
  const { nested, array, value, presence } = property;
  const { type, ...rest } = value.toSchema();
  const single: SchemaNode =
    nested === null
      ? { ...(type === undefined ? {} : { type }), ...rest }
      : { $ref: refTo(nested), ...rest };
  const schema = array === null ? single : arraySchema(array.toSchema(), single);
  return presence === 'nullable' ? nullable(schema) : schema;
}

function arraySchema(array: SchemaNode, items: SchemaNode): SchemaNode {
  const { says: ofItems = [], ...plainItems } = items;
  const { says: ofArray = [], ...plainArray } = array;
  // Constraints of the items are described at the array, next to the property's description; the messages of the rules
  // say "each".
  const says = [...(ofArray as string[]), ...(ofItems as string[])];
  return { ...plainArray, items: plainItems, ...(says.length === 0 ? {} : { says }) };
}

function described(description: string | undefined): SchemaNode {
  return description === undefined ? {} : { description };
}

function unusedName(name: string, taken: object): string {
  const plain = name.replace(/[^A-Za-z0-9_-]/g, '_') || 'Class';
  let unused = plain;
  for (let count = 2; Object.hasOwn(taken, unused); count += 1) unused = `${plain}_${count}`;
  return unused;
}
