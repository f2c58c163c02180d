import type { JsonValue } from '../protocol/index.js';
import { isNullable, nullable } from './nullable.js';
import {
  branchesOf,
  isSchemaNode,
  namedSchemas,
  resolveReference,
  typeOf,
  typesOf,
  type SchemaNode,
} from './schema-node.js';
import { isStrictFormat, isStrictPattern } from './strict-rules.js';
import { worded } from './wording.js';

// These keywords say nothing about the value, or nothing that a model can follow.
const annotations = [
  '$schema',
  '$id',
  '$comment',
  'examples',
  'default',
  'readOnly',
  'writeOnly',
  'deprecated',
];

/**
 * Converts an ordinary JSON Schema to OpenAI's strict subset. It is rewritten where that does not change the answer:
 * optional properties become required and nullable, objects are closed, `oneOf` becomes `anyOf`, and constraints that
 * strict mode rejects move into the description. Anything else stays, and {@link strictProblems} reports it.
 *
 * @internal
 */
export class StrictSchema {
  /** The rewritten schema. */
  readonly schema: SchemaNode;
  readonly #madeNullable: ReadonlySet<unknown>;

  private constructor(schema: SchemaNode, madeNullable: ReadonlySet<unknown>) {
    this.schema = schema;
    this.#madeNullable = madeNullable;
  }

  /** Rewrites a schema; the argument is not changed. */
  static of(schema: SchemaNode): StrictSchema {
    const madeNullable = new Set<unknown>();
    const { $ref, ...rest } = schema;
    const target = $ref === undefined ? null : resolveReference(schema, $ref);
    // The root must not be a reference, so its target is inlined.
    const root = target === null ? schema : { ...target, ...rest };
    return new StrictSchema(reachable(rewrite(root, madeNullable)), madeNullable);
  }

  /** The schemas of properties for which null means omitted. */
  get leftOut(): ReadonlySet<unknown> {
    return this.#madeNullable;
  }

  /** Removes the nulls that mean "omitted" from an answer. */
  withoutNulls(answer: unknown): unknown {
    return this.#strip(answer, [this.schema]);
  }

  #strip(value: unknown, schemas: readonly unknown[]): unknown {
    const nodes = this.#alternatives(schemas);
    if (Array.isArray(value)) {
      const items = nodes.map((node) => node.items);
      return value.map((item: unknown) => this.#strip(item, items));
    }
    if (!isSchemaNode(value)) return value;
    const fitting = nodes.filter((node) => fits(value, node));
    const kept = Object.entries(value).flatMap(([name, entry]) => {
      const under = (fitting.length > 0 ? fitting : nodes)
        .map((node) => new Map(namedSchemas(node.properties)).get(name))
        .filter((schema) => schema !== undefined);
      const isLeftOut =
        entry === null &&
        under.length > 0 &&
        under.every((schema) => this.#madeNullable.has(schema));
      return isLeftOut ? [] : [[name, this.#strip(entry, under)] as const];
    });
    return Object.fromEntries(kept);
  }

  /** The plain schemas after resolving references and unions. */
  #alternatives(schemas: readonly unknown[]): readonly SchemaNode[] {
    const found = new Set<SchemaNode>();
    const collect = (schema: unknown): void => {
      if (!isSchemaNode(schema) || found.has(schema)) return;
      found.add(schema);
      collect(resolveReference(this.schema, schema.$ref));
      branchesOf(schema).forEach(collect);
    };
    schemas.forEach(collect);
    return [...found];
  }
}

/** Whether an object may match this branch of a union: the same properties, the same fixed values. */
function fits(value: SchemaNode, node: SchemaNode): boolean {
  const properties = namedSchemas(node.properties);
  return (
    properties.length === Object.keys(value).length &&
    properties.every(([name, schema]) => {
      const { const: only, enum: values } = isSchemaNode(schema) ? schema : {};
      const listed = only === undefined ? values : [only];
      return (
        Object.hasOwn(value, name) &&
        (!Array.isArray(listed) || listed.includes(value[name] ?? null))
      );
    })
  );
}

function rewrite(schema: unknown, madeNullable: Set<unknown>): SchemaNode {
  // A boolean is a schema too; the check of the result reports it.
  if (!isSchemaNode(schema)) return schema as SchemaNode;
  const plain = withoutForeignWords(schema);
  const { $ref, anyOf, items, $defs, definitions, ...rest } = plain;
  const children = (named: JsonValue): SchemaNode =>
    Object.fromEntries(
      namedSchemas(named).map(([name, child]) => [name, rewrite(child, madeNullable)]),
    );
  const node: SchemaNode = {
    ...rest,
    ...(Array.isArray(anyOf)
      ? { anyOf: anyOf.map((branch) => rewrite(branch, madeNullable)) }
      : {}),
    ...(items === undefined ? {} : { items: rewrite(items, madeNullable) }),
    ...(isObject(plain) ? closed(plain, madeNullable) : {}),
    ...($defs === undefined ? {} : { $defs: children($defs) }),
    ...(definitions === undefined ? {} : { definitions: children(definitions) }),
  };
  const spoken = worded(node, isSpoken);
  if ($ref === undefined) return spoken;
  return Object.keys(spoken).length === 0 ? { $ref } : { ...spoken, anyOf: [{ $ref }] };
}

function withoutForeignWords(schema: SchemaNode): SchemaNode {
  const plain = Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => !annotations.includes(keyword)),
  );
  const { oneOf, allOf, ...rest } = plain;
  const [single, ...more] = Array.isArray(allOf) ? allOf : [];
  if (isSchemaNode(single) && more.length === 0) return withoutForeignWords({ ...single, ...rest });
  const united =
    Array.isArray(oneOf) && rest.anyOf === undefined ? { ...rest, anyOf: oneOf } : plain;
  const listed = united.const === undefined ? united.enum : [united.const];
  const isUntyped = united.type === undefined && Array.isArray(listed);
  const types = isUntyped ? [...new Set(listed.map(typeOf))] : [];
  if (types.length === 0) return united;
  return { type: types.length === 1 ? types[0] : types, ...united };
}

function isObject(schema: SchemaNode): boolean {
  return schema.properties !== undefined || typesOf(schema).includes('object');
}

function closed(schema: SchemaNode, madeNullable: Set<unknown>): SchemaNode {
  const { type = 'object', properties, required, additionalProperties = false } = schema;
  const listed = new Set<unknown>(Array.isArray(required) ? required : []);
  const rewritten = namedSchemas(properties).map(([name, child]) => {
    const node = rewrite(child, madeNullable);
    if (listed.has(name) || !isSchemaNode(node) || isNullable(node)) return [name, node] as const;
    const wider = nullable(node);
    madeNullable.add(wider);
    return [name, wider] as const;
  });
  return {
    type,
    ...(properties === undefined ? {} : { properties: Object.fromEntries(rewritten) }),
    required: rewritten.map(([name]) => name),
    additionalProperties,
  };
}

function isSpoken(keyword: string, value: JsonValue): boolean {
  if (keyword === 'format') return !isStrictFormat(value);
  if (keyword === 'pattern') return !isStrictPattern(value);
  return ['minLength', 'maxLength', 'uniqueItems', 'contentEncoding', 'contentMediaType'].includes(
    keyword,
  );
}

/** Removes unreferenced definitions. */
function reachable(root: SchemaNode): SchemaNode {
  const used = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (!isSchemaNode(node) || used.has(node)) return;
    used.add(node);
    visit(node === root ? null : resolveReference(root, node.$ref));
    for (const child of [
      node.items,
      ...branchesOf(node),
      ...namedSchemas(node.properties).map(([, schema]) => schema),
    ])
      visit(child);
  };
  visit(root);
  const { $defs, definitions, ...rest } = root;
  const kept = Object.entries({ $defs, definitions }).flatMap(([keyword, named]) => {
    const schemas = namedSchemas(named).filter(([, schema]) => used.has(schema));
    return schemas.length === 0
      ? []
      : [[keyword, Object.fromEntries(schemas) as SchemaNode] as const];
  });
  return { ...rest, ...Object.fromEntries(kept) };
}
