import type { ValidationProblem } from '../errors.js';
import { shown } from './json.js';
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
import { phrase } from './wording.js';

const deepest = 500;

/**
 * Validates JSON data against a JSON Schema; returns all problems with their paths. Supports the keywords that can be
 * described to a model: types, `enum`, `const`, properties, items, bounds, `pattern`, `anyOf`, `oneOf` and references
 * to definitions. `format` is an annotation, as in JSON Schema itself.
 *
 * @param schema - the part of the schema for this data; the whole schema by default
 * @internal
 */
export function schemaProblems(
  root: SchemaNode,
  data: unknown,
  schema: unknown = root,
): readonly ValidationProblem[] {
  return new SchemaCheck(root).problemsOf(data, schema, '', 0);
}

class SchemaCheck {
  readonly #root: SchemaNode;

  constructor(root: SchemaNode) {
    this.#root = root;
  }

  problemsOf(value: unknown, schema: unknown, path: string, depth: number): ValidationProblem[] {
    if (schema === false) return [{ path, reason: 'is unknown' }];
    if (!isSchemaNode(schema)) return [];
    if (depth > deepest) return [{ path, reason: `is nested more than ${deepest} levels deep` }];
    const target = resolveReference(this.#root, schema.$ref);
    const referred = target === null ? [] : this.problemsOf(value, target, path, depth + 1);
    const misfit = ownMisfit(value, schema);
    if (misfit !== null)
      return [...referred, { path, reason: `must be ${misfit}, got ${shown(value)}` }];
    return [
      ...referred,
      ...boundProblems(value, schema, path),
      ...this.#unions(value, schema, path, depth),
      ...(Array.isArray(value) ? this.#items(value, schema, path, depth) : []),
      ...(isSchemaNode(value) ? this.#properties(value, schema, path, depth) : []),
    ];
  }

  #unions(value: unknown, schema: SchemaNode, path: string, depth: number): ValidationProblem[] {
    const findings = (branches: readonly unknown[]): readonly ValidationProblem[][] =>
      branches.map((branch) => this.problemsOf(value, branch, path, depth + 1));
    const any = findings(branchesOf(schema));
    const one = findings(Array.isArray(schema.oneOf) ? schema.oneOf : []);
    const fitting = one.filter((problems) => problems.length === 0).length;
    if (fitting > 1)
      return [{ path, reason: `matches more than one alternative, got ${shown(value)}` }];
    return [...closest(any), ...closest(one)];
  }

  #items(
    value: readonly unknown[],
    { items }: SchemaNode,
    path: string,
    depth: number,
  ): ValidationProblem[] {
    return value.flatMap((item, index) =>
      this.problemsOf(item, items, `${path}[${index}]`, depth + 1),
    );
  }

  #properties(
    value: SchemaNode,
    schema: SchemaNode,
    path: string,
    depth: number,
  ): ValidationProblem[] {
    const { properties, required, additionalProperties, propertyNames } = schema;
    const known = new Map(namedSchemas(properties));
    const missing = (Array.isArray(required) ? required.map(String) : [])
      .filter((name) => !Object.hasOwn(value, name))
      .map((name) => ({ path: propertyPath(path, name), reason: 'is missing' }));
    const entries = Object.entries(value).flatMap(([name, entry]) => {
      const at = propertyPath(path, name);
      const own = known.has(name) ? known.get(name) : additionalProperties;
      return [
        ...this.problemsOf(name, propertyNames, at, depth + 1),
        ...this.problemsOf(entry, own, at, depth + 1),
      ];
    });
    return [...missing, ...entries];
  }
}

/** The expected type or value, or null if the value matches. */
function ownMisfit(value: unknown, schema: SchemaNode): string | null {
  const types = typesOf(schema);
  if (types.length > 0 && !types.some((type) => isOfType(value, type)))
    return types.map((type) => named(String(type))).join(' or ');
  const { enum: listed, const: only } = schema;
  const values = only === undefined ? listed : [only];
  if (!Array.isArray(values) || values.some((each) => isSame(each, value))) return null;
  return values.map((each) => JSON.stringify(each)).join(' or ');
}

function boundProblems(value: unknown, schema: SchemaNode, path: string): ValidationProblem[] {
  return Object.entries(schema)
    .filter(([keyword, bound]) => bounds[keyword]?.(value, bound) === false)
    .map(([keyword, bound]) => ({
      path,
      reason: `must be: ${phrase(keyword, bound ?? null)}, got ${shown(value)}`,
    }));
}

/** Whether a value satisfies a keyword; a value of another type does. */
const bounds: Readonly<Record<string, (value: unknown, bound: unknown) => boolean>> = {
  minimum: (value, bound) => typeof value !== 'number' || value >= Number(bound),
  maximum: (value, bound) => typeof value !== 'number' || value <= Number(bound),
  exclusiveMinimum: (value, bound) => typeof value !== 'number' || value > Number(bound),
  exclusiveMaximum: (value, bound) => typeof value !== 'number' || value < Number(bound),
  multipleOf: (value, bound) => typeof value !== 'number' || isMultiple(value, Number(bound)),
  minLength: (value, bound) =>
    typeof value !== 'string' || Array.from(value).length >= Number(bound),
  maxLength: (value, bound) =>
    typeof value !== 'string' || Array.from(value).length <= Number(bound),
  pattern: (value, bound) =>
    typeof value !== 'string' || regularExpression(String(bound)).test(value),
  minItems: (value, bound) => !Array.isArray(value) || value.length >= Number(bound),
  maxItems: (value, bound) => !Array.isArray(value) || value.length <= Number(bound),
  uniqueItems: (value, bound) => bound !== true || !Array.isArray(value) || !hasTwins(value),
  minProperties: (value, bound) =>
    !isSchemaNode(value) || Object.keys(value).length >= Number(bound),
  maxProperties: (value, bound) =>
    !isSchemaNode(value) || Object.keys(value).length <= Number(bound),
};

/** The problems of the closest alternative; empty if one matches, or if there are no alternatives. */
function closest(findings: readonly ValidationProblem[][]): readonly ValidationProblem[] {
  const [first = [], ...others] = findings;
  return others.reduce((best, each) => (each.length < best.length ? each : best), first);
}

function named(type: string): string {
  if (type === 'null') return type;
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    // Some escapes, such as \-, are only valid without the flag.
    return new RegExp(pattern);
  }
}

function isMultiple(value: number, factor: number): boolean {
  const quotient = value / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function hasTwins(values: readonly unknown[]): boolean {
  return new Set(values.map(canonical)).size < values.length;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || canonical(a) === canonical(b);
}

/** JSON that is equal for equal values, independent of the order of their members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isSchemaNode(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
