import { schemaProblems } from './json-schema-check.js';
import { GrowingJson } from './growing-json.js';
import type { OutputFormat } from './output-format.js';
import {
  branchesOf,
  isOfType,
  isSchemaNode,
  namedSchemas,
  resolveReference,
  typesOf,
  type SchemaNode,
} from './schema-node.js';

/** Represents a value that cannot be shown, or not yet. */
const nothing = Symbol('nothing');

/**
 * A growing answer: the part of it that matches the schema. Texts grow; other values appear when they are complete;
 * values that do not match the schema are omitted.
 *
 * @internal
 */
export class PartialAnswer {
  readonly #schema: SchemaNode;
  readonly #leftOut: ReadonlySet<unknown>;
  #json = new GrowingJson();
  /** The outputs for complete values. */
  #made = new WeakMap<object, unknown>();

  constructor({ schema, leftOut }: Pick<OutputFormat<unknown>, 'schema' | 'leftOut'>) {
    this.#schema = schema;
    this.#leftOut = leftOut;
  }

  /** Starts over with another answer. */
  reset(): void {
    this.#json = new GrowingJson();
    this.#made = new WeakMap();
  }

  /** Adds text; returns the answer so far, or undefined if it has not changed. */
  add(text: string): object | undefined {
    if (!this.#json.add(text) || !isSchemaNode(this.#json.root)) return undefined;
    return this.#fit(this.#json.root, [this.#schema]) as object;
  }

  #fit(value: unknown, schemas: readonly unknown[]): unknown {
    const nodes = this.#alternatives(schemas).filter((node) =>
      typesOf(node).some((type) => isOfType(value, type)),
    );
    if (typeof value !== 'object' || value === null)
      return nodes.some((node) => this.#accepts(node, value)) ? value : nothing;
    if (nodes.length === 0) return nothing;
    const isOpen = this.#json.isOpen(value);
    const known = isOpen ? undefined : this.#made.get(value);
    if (known !== undefined) return known;
    const made = Object.freeze(
      Array.isArray(value) ? this.#fitItems(value, nodes) : this.#fitMembers(value, nodes),
    );
    if (!isOpen) this.#made.set(value, made);
    return made;
  }

  #fitItems(value: readonly unknown[], nodes: readonly SchemaNode[]): unknown[] {
    const items = nodes.map((node) => node.items).filter((schema) => schema !== undefined);
    return [
      ...value.map((item) => this.#fit(item, items)),
      ...this.#growing(value, () => items).map(([, text]) => text),
    ].filter((item) => item !== nothing);
  }

  #fitMembers(value: object, nodes: readonly SchemaNode[]): Record<string, unknown> {
    const fitting = nodes.filter((node) => this.#mayBe(value, node));
    const under = (name: string | number): readonly unknown[] =>
      fitting
        .map((node) => new Map(namedSchemas(node.properties)).get(String(name)))
        .filter((schema) => schema !== undefined);
    const members = Object.entries(value).flatMap(([name, member]) => {
      const schemas = under(name);
      const isLeftOut = member === null && schemas.some((schema) => this.#leftOut.has(schema));
      return isLeftOut ? [] : [[name, this.#fit(member, schemas)] as const];
    });
    return Object.fromEntries(
      [...members, ...this.#growing(value, under)].filter(([, member]) => member !== nothing),
    );
  }

  /** The incomplete text of this value, if the schema accepts any text. */
  #growing(
    value: unknown,
    under: (key: string | number) => readonly unknown[],
  ): readonly (readonly [string, string])[] {
    const { text } = this.#json;
    if (text?.parent !== value || text === null) return [];
    const isFree = this.#alternatives(under(text.key)).some(
      (node) =>
        typesOf(node).includes('string') && node.enum === undefined && node.const === undefined,
    );
    return isFree ? [[String(text.key), text.text]] : [];
  }

  #accepts(node: SchemaNode, value: unknown): boolean {
    return schemaProblems(this.#schema, value, node).length === 0;
  }

  /** Whether an object may belong to this branch of a union: its values match the fixed values of the branch. */
  #mayBe(value: object, node: SchemaNode): boolean {
    return namedSchemas(node.properties).every(([name, schema]) => {
      const isFixed = isSchemaNode(schema) && schema.const !== undefined;
      return !isFixed || !Object.hasOwn(value, name)
        ? true
        : this.#accepts(schema, (value as Record<string, unknown>)[name]);
    });
  }

  /** The plain schemas after resolving references and unions. */
  #alternatives(schemas: readonly unknown[]): readonly SchemaNode[] {
    const found = new Set<SchemaNode>();
    const collect = (schema: unknown): void => {
      if (!isSchemaNode(schema) || found.has(schema)) return;
      found.add(schema);
      collect(resolveReference(this.#schema, schema.$ref));
      branchesOf(schema).forEach(collect);
    };
    schemas.forEach(collect);
    return [...found].filter(({ $ref, anyOf }) => $ref === undefined && anyOf === undefined);
  }
}
