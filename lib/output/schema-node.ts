import type { JsonValue } from '../protocol/index.js';
import { isRecord } from '../shapes.js';

/** A mutable JSON Schema node. @internal */
export type SchemaNode = Record<string, JsonValue | undefined>;

/** Whether a value is a JSON Schema in object form. @internal */
export function isSchemaNode(value: unknown): value is SchemaNode {
  return isRecord(value);
}

/** The names and schemas under a keyword such as `properties` or `$defs`; empty if there are none. @internal */
export function namedSchemas(named: unknown): readonly (readonly [string, unknown])[] {
  return isSchemaNode(named) ? Object.entries(named) : [];
}

/** The types of a node, as a list. @internal */
export function typesOf({ type }: SchemaNode): readonly unknown[] {
  return type === undefined ? [] : [type].flat();
}

/** The JSON Schema type of a JSON value; `integer` for whole numbers. @internal */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** Whether a JSON value has a JSON Schema type. @internal */
export function isOfType(value: unknown, type: unknown): boolean {
  const actual = typeOf(value);
  return actual === type || (actual === 'integer' && type === 'number');
}

/** The branches of a node's `anyOf`; empty if there are none. @internal */
export function branchesOf({ anyOf }: SchemaNode): readonly unknown[] {
  return Array.isArray(anyOf) ? anyOf : [];
}

/** The target of a `$ref`: the root, or one of its definitions; null if it does not exist. @internal */
export function resolveReference(root: SchemaNode, ref: unknown): SchemaNode | null {
  if (ref === '#') return root;
  if (typeof ref !== 'string') return null;
  const [, keyword = '', name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref) ?? [];
  const named = root[keyword];
  const target: unknown = isSchemaNode(named) && Object.hasOwn(named, name) ? named[name] : null;
  return isSchemaNode(target) ? target : null;
}

/** The path of a property in a message, such as `items[].owner`. @internal */
export function propertyPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
