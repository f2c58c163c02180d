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
 * A class with class-validator decorators as the description of JSON data: its schema, and the way from plain data to a
 * validated instance.
 *
 * Instances are made by class-transformer, with the copy whose decorators stand on the class. `@Type` and `@Transform` apply;
 * `@Expose` and `@Exclude` do not, since the model writes the property names of the class.
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
   * @throws {@link ValidationError} with everything about the class that a JSON answer cannot express.
   */
  static read<T extends object>(type: OutputClass<T>, subject: string): DecoratedClass<T> {
    const transformers = Transformers.loaded();
    const shape = readClassShape(type, subject, transformers);
    const types = [...reachable(shape)].map((each) => each.type);
    return new DecoratedClass(shape, transformers.of(types));
  }

  /** The JSON Schema with optional properties left out of `required`, and `says` for what has no keyword. */
  get schema(): SchemaNode {
    return classSchema(this.#shape);
  }

  /**
   * Makes a validated instance of plain data, or tells everything that is wrong with it. `null` for an optional property
   * counts as left out, so that `x?: T` tells the truth: the property keeps what the class initialises it with, else it is absent.
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
      // A transformation or a validator of the class threw, or the data is nested deeper than the stack.
      return refused([
        { path: '', reason: `cannot be read: ${String(error)}, got ${shown(plain)}` },
      ]);
    }
  }
}

/** Drops the nulls that mean "left out", and notes what is missing or is a list where none belongs, or the other way. */
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
