import { validateSync } from 'class-validator';
import type { ValidationProblem } from '../errors.js';
import { readClassShape, type ClassShape, type PropertyShape } from './class-shape.js';
import { classSchema } from './class-schema.js';
import type { OutputClass, OutputOutcome } from './output-format.js';
import { shown } from './json.js';
import { problemsOf } from './problems.js';
import { isSchemaNode, propertyPath, type SchemaNode } from './schema-node.js';
import { Transformers, type Transformer } from './transformer.js';

type Plain = Record<string, unknown>;

/**
 * A class with class-validator decorators as a description of JSON data: provides its schema, and converts plain data
 * to validated instances.
 *
 * Instances are created with the copy of class-transformer whose decorators are on the class. `@Type` and `@Transform`
 * apply. `@Expose` and `@Exclude` do not, because the model writes the property names of the class.
 *
 * @internal
 */
export class DecoratedClass<T extends object> {
  readonly #shape: ClassShape;
  readonly #transformer: Transformer;

  private constructor(shape: ClassShape, transformer: Transformer) {
    this.#shape = shape;
    this.#transformer = transformer;
  }

  /**
   * Reads the decorators of a class.
   *
   * @throws {@link ValidationError} with everything in the class that JSON cannot express
   */
  static read<T extends object>(type: OutputClass<T>, subject: string): DecoratedClass<T> {
    const transformers = Transformers.loaded();
    const shape = readClassShape(type, subject, transformers);
    const types = [...reachable(shape)].map((each) => each.type);
    return new DecoratedClass(shape, transformers.of(types));
  }

  /** The JSON Schema, with optional properties not in `required`, and `says` for constraints without a keyword. */
  get schema(): SchemaNode {
    return classSchema(this.#shape);
  }

  /**
   * Creates a validated instance from plain data, or returns all problems. `null` for an optional property means
   * omitted, so that `x?: T` is accurate: the property keeps its initial value, or is absent.
   */
  hydrate(plain: unknown): OutputOutcome<T> {
    if (!isSchemaNode(plain))
      return refused([{ path: '', reason: `must be an object, got ${shown(plain)}` }]);
    const misfits: ValidationProblem[] = [];
    try {
      const fitted = fit(plain, this.#shape, '', misfits);
      const instance = this.#transformer(this.#shape.type, fitted, {
        ignoreDecorators: true,
        targetMaps: [...reachable(this.#shape)].map(targetMap),
      });
      const found = problemsOf(
        validateSync(instance, { whitelist: true, forbidNonWhitelisted: true }),
      );
      const settled = new Set(misfits.map(({ path }) => path));
      const problems = [...misfits, ...found.filter(({ path }) => !settled.has(path))];
      return problems.length > 0 ? refused(problems) : { ok: true, value: instance as T };
    } catch (error) {
      // A transformation or a validator of the class threw, or the data is nested too deeply for the stack.
      return refused([
        { path: '', reason: `cannot be read: ${String(error)}, got ${shown(plain)}` },
      ]);
    }
  }
}

/**
 * Removes nulls that mean "omitted", and reports missing properties and mismatches between arrays and single values.
 */
function fit(plain: Plain, shape: ClassShape, path: string, misfits: ValidationProblem[]): Plain {
  const properties = new Map(shape.properties.map((property) => [property.name, property]));
  const blank = new shape.type() as Plain;
  for (const { name, presence } of shape.properties)
    if (presence !== 'optional' && plain[name] === undefined && blank[name] === undefined)
      misfits.push({ path: propertyPath(path, name), reason: 'is missing' });
  const entries = Object.entries(plain).flatMap(([name, value]) => {
    const property = properties.get(name);
    if (property === undefined) return [[name, value] as const];
    if (value === null && property.presence === 'optional') return [];
    return [[name, fitValue(value, property, propertyPath(path, name), misfits)] as const];
  });
  return Object.fromEntries(entries);
}

function fitValue(
  value: unknown,
  property: PropertyShape,
  path: string,
  misfits: ValidationProblem[],
): unknown {
  const { array, nested } = property;
  if (value !== null && Array.isArray(value) !== (array !== null))
    misfits.push({
      path,
      reason: `must ${array === null ? 'not ' : ''}be an array, got ${shown(value)}`,
    });
  if (nested === null) return value;
  const fitOne = (one: unknown, at: string): unknown =>
    isSchemaNode(one) ? fit(one, nested, at, misfits) : one;
  if (!Array.isArray(value)) return fitOne(value, path);
  return value.map((item: unknown, index) => fitOne(item, `${path}[${index}]`));
}

function targetMap({ type, properties }: ClassShape): {
  target: OutputClass;
  properties: Record<string, OutputClass>;
} {
  const nested = properties.flatMap(({ name, nested }) =>
    nested === null ? [] : [[name, nested.type] as const],
  );
  return { target: type, properties: Object.fromEntries(nested) };
}

function reachable(shape: ClassShape, found = new Set<ClassShape>()): ReadonlySet<ClassShape> {
  if (found.has(shape)) return found;
  found.add(shape);
  for (const { nested } of shape.properties) if (nested !== null) reachable(nested, found);
  return found;
}

function refused(problems: readonly ValidationProblem[]): OutputOutcome<never> {
  return { ok: false, problems };
}
