import type { JsonValue } from '../protocol/index.js';
import { isRecord } from '../shapes.js';

/** A JSON Schema node while it is read or written. @internal */
export type SchemaNode = Record<string, JsonValue | undefined>;

/** Whether a value is a JSON Schema in object form. @internal */
export function isSchemaNode(value: unknown): value is SchemaNode {
  return isRecord(value);
}

/** The names and schemas under a keyword such as `properties` or `$defs`; empty when there are none. @internal */
export function namedSchemas(named: unknown): readonly (readonly [string, unknown])[] {
  return isSchemaNode(named) ? Object.entries(named) : [];
}

/** The types a node names, as a list. @internal */
export function typesOf({ type }: SchemaNode): readonly unknown[] {
  return type === undefined ? [] : [type].flat();
}

/** The JSON Schema type of a JSON value, the narrowest one for whole numbers. @internal */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** Whether a JSON value is of a JSON Schema type. @internal */
export function isOfType(value: unknown, type: unknown): boolean {
  const actual = typeOf(value);
  return actual === type || (actual === 'integer' && type === 'number');
}

/** The branches of a node's `anyOf`; empty when it has none. @internal */
export function branchesOf({ anyOf }: SchemaNode): readonly unknown[] {
  return Array.isArray(anyOf) ? anyOf : [];
}

/** Where a `$ref` leads: the root, or one of its definitions; null when it leads nowhere. @internal */
export function resolveReference(root: SchemaNode, ref: unknown): SchemaNode | null {
  if (ref === '#') return root;
  if (typeof ref !== 'string') return null;
  const [, keyword = '', name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref) ?? [];
  const named = root[keyword];
  const target: unknown = isSchemaNode(named) && Object.hasOwn(named, name) ? named[name] : null;
  return isSchemaNode(target) ? target : null;
}

/** How messages name a property: `items[].owner`. @internal */
export function propertyPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
