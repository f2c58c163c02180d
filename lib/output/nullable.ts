import type { JsonValue } from '../protocol/index.js';
import type { SchemaNode } from './schema-node.js';

/** Whether a schema accepts `null`, judged by its own node. @internal */
export function isNullable(schema: SchemaNode): boolean {
  const { type, anyOf, enum: values } = schema;
  if (Array.isArray(anyOf)) return anyOf.some((branch) => isNullable(branch as SchemaNode));
  return [type].flat().includes('null') && (!Array.isArray(values) || values.includes(null));
}

/** The schema, extended to accept `null`. @internal */
export function nullable(schema: SchemaNode): SchemaNode {
  if (isNullable(schema)) return schema;
  const { type, anyOf, $ref, const: only, enum: values, ...rest } = schema;
  if ($ref !== undefined) return { ...rest, anyOf: [{ $ref }, { type: 'null' }] };
  if (Array.isArray(anyOf)) return { ...rest, anyOf: [...anyOf, { type: 'null' }] };
  const listed = only === undefined ? values : [only];
  return {
    type: [...[type].flat(), 'null'] as JsonValue,
    ...(Array.isArray(listed) ? { enum: [...listed, null] } : {}),
    ...rest,
  };
}
