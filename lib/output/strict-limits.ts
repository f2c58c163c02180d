import type { ValidationProblem } from '../errors.js';
import {
  branchesOf,
  isSchemaNode,
  namedSchemas,
  resolveReference,
  typesOf,
  type SchemaNode,
} from './schema-node.js';

/**
 * Checks the limits of OpenAI's strict mode: 5,000 properties, 10 levels of objects, 1,000 enum values, 120,000
 * characters in all names and listed values, 15,000 in a string enum of more than 250 values. Source and date as for
 * {@link strictProblems}. How levels are counted is not documented: here an object is one level, references are
 * followed, and a recursion ends where it repeats.
 *
 * @internal
 */
export function limitProblems(schema: SchemaNode, path = ''): readonly ValidationProblem[] {
  const size = new SchemaSize();
  size.add(schema);
  const counts: readonly (readonly [string, number, number])[] = [
    ['levels of objects', levels(schema, schema, new Map()), 10],
    ['properties', size.properties, 5000],
    ['enum values', size.values, 1000],
    ['characters in its names and values', size.characters, 120_000],
    ['characters in an enum of more than 250 values', size.longestList, 15_000],
  ];
  return counts
    .filter(([, count, most]) => count > most)
    .map(([what, count, most]) => ({
      path,
      reason: `has ${count} ${what}; strict mode allows ${most}`,
    }));
}

class SchemaSize {
  properties = 0;
  values = 0;
  characters = 0;
  longestList = 0;

  add(node: unknown): void {
    if (!isSchemaNode(node)) return;
    const { properties, $defs, definitions, items, const: only, enum: listed } = node;
    this.properties += namedSchemas(properties).length;
    for (const [name, schema] of [properties, $defs, definitions].flatMap(namedSchemas)) {
      this.characters += name.length;
      this.add(schema);
    }
    for (const child of [items, ...branchesOf(node)]) this.add(child);
    if (Array.isArray(listed)) this.#list(listed);
    if (only !== undefined) this.characters += lengthOf(only);
  }

  #list(values: readonly unknown[]): void {
    const length = values.reduce<number>((total, value) => total + lengthOf(value), 0);
    this.values += values.length;
    this.characters += length;
    if (values.length > 250 && values.every((value) => typeof value === 'string'))
      this.longestList = Math.max(this.longestList, length);
  }
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : JSON.stringify(value).length;
}

function levels(root: SchemaNode, node: unknown, known: Map<SchemaNode, number>): number {
  if (!isSchemaNode(node)) return 0;
  const seen = known.get(node);
  if (seen !== undefined) return seen;
  known.set(node, 0);
  const below = [
    resolveReference(root, node.$ref),
    node.items,
    ...branchesOf(node),
    ...namedSchemas(node.properties).map(([, schema]) => schema),
  ];
  const deepest = Math.max(0, ...below.map((child) => levels(root, child, known)));
  const count = deepest + (typesOf(node).includes('object') ? 1 : 0);
  known.set(node, count);
  return count;
}
