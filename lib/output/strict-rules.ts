import type { ValidationProblem } from '../errors.js';
import type { JsonValue } from '../protocol/index.js';
import {
  branchesOf,
  isOfType,
  isSchemaNode,
  namedSchemas,
  propertyPath,
  resolveReference,
  typesOf,
  type SchemaNode,
} from './schema-node.js';

const formats = [
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uuid',
];
const types = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'];
const asRecord = 'name its properties, or use an array of { key, value } objects';
const asTuple = 'use an object with one property for each position';
const asText = 'put it in the description';

/** Keywords that strict mode rejects, each with the alternative. @internal */
export const notPermitted: Readonly<Record<string, string>> = {
  oneOf: 'use anyOf',
  allOf: 'merge its parts into one object',
  not: 'state what is allowed instead',
  if: 'use anyOf',
  then: 'use anyOf',
  else: 'use anyOf',
  dependentRequired: 'use anyOf',
  dependentSchemas: 'use anyOf',
  dependencies: 'use anyOf',
  patternProperties: asRecord,
  propertyNames: asRecord,
  minProperties: asRecord,
  maxProperties: asRecord,
  unevaluatedProperties: 'use additionalProperties: false',
  unevaluatedItems: 'use items',
  prefixItems: asTuple,
  additionalItems: asTuple,
  contains: asText,
  minContains: asText,
  maxContains: asText,
  uniqueItems: asText,
  contentSchema: asText,
  default: asText,
};

/**
 * Checks a JSON Schema against OpenAI's strict mode; returns all problems with their paths (`items[].owner`).
 *
 * The rules are those of the guide "Structured model outputs", section "Supported schemas"
 * (developers.openai.com/api/docs/guides/structured-outputs), as quoted by public sources, and of published error
 * messages of the API; both looked up on 2026-11-22:
 *
 * - types string, number, integer, boolean, object, array, null; `enum`, `const`, `anyOf`, `$ref` to `#` or a definition;
 * - the root is an object, not a union; every node has a type; a `$ref` has no siblings;
 * - every object has `properties`, requires all of them, and has `additionalProperties: false`; every array has `items`;
 * - for strings `pattern` without lookaround, and nine values of `format`; for numbers `multipleOf`, `minimum`, `maximum`,
 *   `exclusiveMinimum`, `exclusiveMaximum`; for arrays `minItems` and `maxItems`;
 * - `minLength` and `maxLength` are not in the guide's list. The API was observed to support them in 2026-08, while
 * other providers reject them: a handwritten schema may contain them; a generated one puts them in the description.
 *
 * @internal
 */
export function strictProblems(schema: SchemaNode, path = ''): readonly ValidationProblem[] {
  const check = new StrictCheck(schema);
  check.root(path);
  return check.problems;
}

/** Whether strict mode supports a value of `format`. @internal */
export function isStrictFormat(format: unknown): boolean {
  return formats.includes(format as string);
}

/** Whether strict mode supports a `pattern`: a regular expression without lookaround and backreferences. @internal */
export function isStrictPattern(pattern: unknown): boolean {
  if (!isRegularExpression(pattern)) return false;
  const withoutEscapes = pattern.replace(/\\[^1-9k]/gs, '').replace(/\[[^\]]*\]/gs, '');
  return !/\(\?<?[=!]|\\[1-9k]/.test(withoutEscapes);
}

class StrictCheck {
  readonly problems: ValidationProblem[] = [];
  readonly #root: SchemaNode;

  constructor(root: SchemaNode) {
    this.#root = root;
  }

  root(path: string): void {
    const { type, anyOf } = this.#root;
    if (type !== 'object' || anyOf !== undefined)
      this.#report(path, 'must have an object as its root: wrap the value in a property');
    this.#node(this.#root, path);
  }

  #node(node: unknown, path: string): void {
    if (!isSchemaNode(node)) {
      this.#report(path, `is the schema ${JSON.stringify(node)}: describe the value by its type`);
      return;
    }
    for (const [keyword, instead] of Object.entries(notPermitted))
      if (node[keyword] !== undefined)
        this.#report(path, `has ${keyword}, which is not permitted: ${instead}`);
    if (node.$ref !== undefined) this.#reference(node, path);
    else if (node.anyOf === undefined || typesOf(node).length > 0) this.#typed(node, path);

    branchesOf(node).forEach((branch, index) => {
      this.#node(branch, `${path}|${index}`);
    });
    if (node.items !== undefined) this.#node(node.items, `${path}[]`);
    for (const [name, schema] of namedSchemas(node.properties))
      this.#node(schema, propertyPath(path, name));
    for (const keyword of ['$defs', 'definitions'])
      for (const [name, schema] of namedSchemas(node[keyword]))
        this.#node(schema, propertyPath(path, `${keyword}.${name}`));
  }

  #reference(node: SchemaNode, path: string): void {
    const { $ref, ...others } = node;
    const [sibling] = Object.keys(others);
    if (sibling !== undefined)
      this.#report(path, `has ${sibling} next to $ref: wrap the $ref in its own anyOf`);
    if (resolveReference(this.#root, $ref) === null)
      this.#report(
        path,
        `has $ref ${JSON.stringify($ref)}, which is neither # nor one of its definitions`,
      );
  }

  #typed(node: SchemaNode, path: string): void {
    const { format, pattern, enum: values, const: only } = node;
    const named = typesOf(node);
    const unknown = named.find((type) => !types.includes(type as string));
    if (named.length === 0)
      this.#report(path, 'has no type: every schema needs one, also with enum or const');
    if (unknown !== undefined)
      this.#report(path, `has the type ${JSON.stringify(unknown)}, which is unknown`);
    if (named.includes('object')) this.#object(node, path);
    if (named.includes('array') && node.items === undefined)
      this.#report(path, 'is an array without items');
    if (format !== undefined && !isStrictFormat(format))
      this.#report(
        path,
        `has the format ${JSON.stringify(format)}, supported: ${formats.join(', ')}`,
      );
    if (pattern !== undefined && !isStrictPattern(pattern))
      this.#report(
        path,
        `has the pattern ${JSON.stringify(pattern)}: remove lookarounds and backreferences`,
      );
    if (values !== undefined || only !== undefined)
      this.#values(values ?? [only ?? null], named, path);
  }

  #object(node: SchemaNode, path: string): void {
    const { properties, required, additionalProperties } = node;
    const names = new Set(namedSchemas(properties).map(([name]) => name));
    const listed = new Set(Array.isArray(required) ? required.map(String) : []);
    const optional = [...names].filter((name) => !listed.has(name));
    const stray = [...listed].filter((name) => !names.has(name));
    if (properties === undefined) this.#report(path, `has no properties: ${asRecord}`);
    if (additionalProperties !== false)
      this.#report(path, `must have additionalProperties: false; ${asRecord}`);
    if (!Array.isArray(required)) this.#report(path, 'must list every property as required');
    else if (optional.length > 0)
      this.#report(
        path,
        `must require ${optional.join(', ')} too: make an optional property nullable instead`,
      );
    if (stray.length > 0)
      this.#report(path, `requires ${stray.join(', ')}, which is not among its properties`);
  }

  #values(values: JsonValue, named: readonly unknown[], path: string): void {
    if (!Array.isArray(values) || values.length === 0) {
      this.#report(path, 'has an enum that is not an array');
      return;
    }
    const stray = values.filter((value) => !named.some((type) => isOfType(value, type)));
    if (named.length > 0 && stray.length > 0)
      this.#report(
        path,
        `lists ${JSON.stringify(stray[0])}, which is not of its type ${named.join(' or ')}`,
      );
  }

  #report(path: string, reason: string): void {
    this.problems.push({ path, reason });
  }
}

/** Whether a value is a valid regular expression. @internal */
export function isRegularExpression(text: unknown): text is string {
  if (typeof text !== 'string') return false;
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
