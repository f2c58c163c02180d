import { ValidationError, type ValidationProblem } from '../errors.js';
import { isBuiltIn, messageOf } from '../shapes.js';
import {
  argumentsOf,
  constraintOf,
  emittedType,
  presenceOf,
  ruleMessage,
  rulesOf,
  type Presence,
  type RuleMetadata,
} from './class-metadata.js';
import { meaningOf } from './class-rules.js';
import { Constraints } from './constraints.js';
import type { OutputClass } from './output-format.js';
import { hidesProperties, nestedType, type Transformers } from './transformer.js';

/** A decorated class as used for structured output. @internal */
export interface ClassShape {
  readonly type: OutputClass;
  readonly properties: readonly PropertyShape[];
}

/** One property of a {@link ClassShape}. @internal */
export interface PropertyShape {
  readonly name: string;
  readonly presence: Presence;
  /** The constraints of the array as a whole, or null if the property has a single value. */
  readonly array: Constraints | null;
  /** The constraints of the value, or of each item. */
  readonly value: Constraints;
  /** The class of the value, or of each item; null for plain values. */
  readonly nested: ClassShape | null;
}

/**
 * Reads a class and all classes that it refers to.
 *
 * @throws {@link ValidationError} with all properties that JSON cannot express or that cannot be checked
 *
 * @internal
 */
export function readClassShape(
  type: OutputClass,
  subject: string,
  transformers: Transformers,
): ClassShape {
  const reader = new ShapeReader(transformers);
  const shape = reader.read(type, type.name === '' ? 'class' : type.name);
  if (reader.problems.length > 0)
    throw new ValidationError(`${subject} ${type.name}`.trimEnd(), reader.problems);
  return shape;
}

class ShapeReader {
  readonly problems: ValidationProblem[] = [];
  readonly #transformers: Transformers;
  readonly #shapes = new Map<OutputClass, ClassShape>();

  constructor(transformers: Transformers) {
    this.#transformers = transformers;
  }

  read(type: OutputClass, path: string): ClassShape {
    const known = this.#shapes.get(type);
    if (known !== undefined) return known;
    const properties: PropertyShape[] = [];
    const shape = { type, properties };
    this.#shapes.set(type, shape);

    const rules = rulesOf(type);
    if (rules.size === 0)
      this.#refuse(
        path,
        'has no property with a class-validator decorator: add one, such as @IsString()',
      );
    this.#checkInstance(type, path, rules);
    for (const [name, ofProperty] of rules)
      properties.push(this.#property(type, name, ofProperty, `${path}.${name}`));
    return shape;
  }

  #property(
    type: OutputClass,
    name: string,
    rules: readonly RuleMetadata[],
    path: string,
  ): PropertyShape {
    const isNested = rules.some((rule) => rule.type === 'nestedValidation');
    const isArray =
      rules.some((rule) => rule.each || asksForArray(rule)) ||
      (isNested && isBuiltIn(emittedType(type, name), 'Array'));
    const array = isArray ? new Constraints() : null;
    const value = new Constraints();
    array?.add({ type: 'array' });
    if (isNested) value.add({ type: 'object' });

    const before = this.problems.length;
    const presence = presenceOf(rules);
    if (presence === null)
      this.#refuse(
        path,
        '@ValidateIf with a condition cannot be described to the model: use @IsOptional()',
      );
    for (const rule of rules) {
      const reason = apply(rule, rule.each ? value : (array ?? value), type);
      if (reason !== null) this.#refuse(path, reason);
    }
    if (!isNested && this.problems.length === before) this.#checkPlain(value, isArray, path);
    const nested = isNested ? this.#nested(type, name, isArray, rules, path) : null;
    return { name, presence: presence ?? 'required', array, value, nested };
  }

  #nested(
    type: OutputClass,
    name: string,
    isArray: boolean,
    rules: readonly RuleMetadata[],
    path: string,
  ): ClassShape | null {
    const emitted = emittedType(type, name);
    if (isBuiltIn(emitted, 'Map', 'Set'))
      return this.#refuse(path, 'a Map or a Set is not JSON: use an array of a decorated class');
    const declared = rules.find((rule) => constraintOf(rule).name === 'isInstance');
    const found = nestedType(this.#transformers.of([type]), type, name, isArray);
    if ('refusal' in found) return this.#refuse(path, found.refusal);
    const nested = [declared?.constraints[0] as unknown, found.type, emitted].find(isDecoratable);
    if (nested !== undefined) return this.read(nested, isArray ? `${path}[]` : path);
    const each = isArray ? ', { each: true }' : '';
    return this.#refuse(
      path,
      `has no known class: add @Type(() => Class) of class-transformer, or @IsInstance(Class${each})`,
    );
  }

  #checkPlain(value: Constraints, isArray: boolean, path: string): void {
    const where = isArray ? `${path}[]` : path;
    if (value.type === 'array')
      this.#refuse(
        where,
        'an array of arrays cannot be described: put the inner array into a class',
      );
    else if (value.type === 'object')
      this.#refuse(where, 'an object needs a class: add @ValidateNested() and @Type(() => Class)');
    else if (!value.isTyped)
      this.#refuse(
        where,
        isArray
          ? 'has no type: add a validator with { each: true }, such as @IsString({ each: true })'
          : 'has no type: add a validator that determines it, such as @IsString(), @IsInt() or @ValidateNested()',
      );
  }

  #checkInstance(type: OutputClass, path: string, rules: ReadonlyMap<string, unknown>): void {
    let blank: object;
    try {
      blank = new type();
    } catch (error) {
      const reason = messageOf(error);
      this.#refuse(path, `cannot be constructed without arguments: ${reason}`);
      return;
    }
    if (hidesProperties(this.#transformers.of([type]), type))
      this.#refuse(path, '@Exclude() on the class excludes all properties: remove it');
    if (!Object.isExtensible(blank))
      this.#refuse(path, 'freezes itself in its constructor, so its properties cannot be set');
    for (const name of Object.keys(blank))
      if (!rules.has(name))
        this.#refuse(
          `${path}.${name}`,
          'has no class-validator decorator, so it would be rejected as unknown',
        );
    for (const name of rules.keys())
      if (isReadOnly(type, name))
        this.#refuse(`${path}.${name}`, 'is a getter without a setter, so it cannot be set');
  }

  #refuse(path: string, reason: string): null {
    this.problems.push({ path, reason });
    return null;
  }
}

/** Adds the constraints of one decorator; returns why the decorator cannot be used, or null. */
function apply(rule: RuleMetadata, constraints: Constraints, type: OutputClass): string | null {
  // A rule without options has no groups, contrary to its type.
  const groups = (rule.groups as readonly string[] | undefined) ?? [];
  if (groups.length > 0) return `validation groups (${groups.join(', ')}) are not supported`;
  if (rule.validateIf !== undefined)
    return 'the option validateIf cannot be described to the model';
  if (rule.type === 'promiseValidation') return 'a Promise is not JSON';
  if (rule.type !== 'customValidation') return null;

  const { name, isAsync } = constraintOf(rule);
  if (isAsync) return `the validator ${name} is asynchronous, which is not supported`;
  const meaning = meaningOf(name, argumentsOf(rule));
  if ('refusal' in meaning) return meaning.refusal;
  const message = meaning.isWorded === true ? ruleMessage(rule, type) : '';
  const conflict = constraints.add(message === '' ? meaning : { ...meaning, says: message });
  if (conflict === null) return null;
  const hint =
    constraints.type === 'array' && !rule.each
      ? ': add { each: true } to apply it to the items'
      : '';
  return `${conflict} (${name})${hint}`;
}

function asksForArray(rule: RuleMetadata): boolean {
  if (rule.type !== 'customValidation') return false;
  const meaning = meaningOf(constraintOf(rule).name, argumentsOf(rule));
  return !('refusal' in meaning) && meaning.type === 'array';
}

function isDecoratable(type: unknown): type is OutputClass {
  return typeof type === 'function' && !isBuiltIn(type);
}

function isReadOnly(type: OutputClass, name: string): boolean {
  for (let owner: unknown = type.prototype; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (descriptor !== undefined)
      return descriptor.get !== undefined && descriptor.set === undefined;
  }
  return false;
}
