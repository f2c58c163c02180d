import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError as Failure } from 'class-validator';
import { applyDecorators } from './deferred-decorators.js';
import { ValidationError, type ValidationProblem } from './errors.js';
import { Redactor } from './redaction.js';
import { isSecretName } from './secret-name.js';
import { isPlainObject } from './shapes.js';

const asGiven = Symbol.for('codex-threads.kept-as-given');
const credentials = new Redactor();

/** The outcome of a check: the frozen value, or all problems with the input. @inline */
export type Examination<T> = AcceptedInput<T> | RefusedInput;

/** An input without problems. @inline */
export interface AcceptedInput<T> {
  /** Discriminator. */
  readonly ok: true;
  /** The frozen value. */
  readonly value: T;
}

/** An input with problems. @inline */
export interface RefusedInput {
  /** Discriminator. */
  readonly ok: false;
  /** All problems, in the order of the input. */
  readonly problems: readonly ValidationProblem[];
}

/**
 * Validates an instance by its decorators and freezes it deeply.
 *
 * Freezes the instance, its arrays and its plain objects. Class instances in it (handlers, signals, secrets) and fields
 * marked with {@link keptAsGiven} stay unfrozen.
 *
 * @throws {@link ValidationError} with all problems, those in `found` first.
 * @internal
 */
export function validated<T extends object>(
  instance: T,
  subject: string,
  found: readonly ValidationProblem[] = [],
): T {
  const examination = examined(instance, found);
  if (!examination.ok) throw new ValidationError(subject, examination.problems);
  return examination.value;
}

/** Like {@link validated}, but returns the problems instead of throwing. @internal */
export function examined<T extends object>(
  instance: T,
  found: readonly ValidationProblem[] = [],
): Examination<T> {
  const problems = [...found, ...problemsOf(instance)];
  return problems.length === 0
    ? { ok: true, value: frozen(instance) }
    : { ok: false, problems: Object.freeze(problems) };
}

/** The problems that the decorators of an instance report. @internal */
export function problemsOf(instance: object): readonly ValidationProblem[] {
  applyDecorators();
  const failures = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
  });
  return failures.flatMap((failure) => describe(failure, ''));
}

/**
 * Builds a validated, frozen instance of a decorated class from JSON data.
 *
 * @throws {@link ValidationError} if the data is not a JSON object or breaks a rule of the class.
 * @internal
 */
export function hydrated<T extends object>(type: new () => T, json: unknown, subject: string): T {
  if (!isPlainObject(json))
    throw new ValidationError(subject, [
      { path: '', reason: `must be a JSON object, got ${shown(json)}` },
    ]);
  const path = findReservedName(json, '');
  if (path !== undefined)
    throw new ValidationError(subject, [{ path, reason: 'is a reserved name' }]);
  applyDecorators();
  return validated(plainToInstance(type, json), subject);
}

/** The problem with a decorator that is called as a standard decorator, as in runtimes without a tsconfig. @internal */
export const needsExperimentalDecorators =
  'needs the compiler option experimentalDecorators, as class-validator does: set it in tsconfig.json, or describe the data with a Standard Schema or { jsonSchema }, and tools with tool()';

/** Marks a field whose value belongs to the caller: {@link validated} does not freeze it. @internal */
export function keptAsGiven(): PropertyDecorator {
  return (target, name) => {
    Reflect.defineMetadata(asGiven, true, target, name);
  };
}

/** Names that cannot be keys of a record, because they have a meaning in JavaScript. @internal */
export function isReservedName(name: string): boolean {
  return name === '__proto__' || name === 'constructor' || name === 'prototype';
}

/**
 * The entries of a plain object, a `Map`, an iterable of pairs, or an instance with own fields; null for anything else,
 * so that a `Date` or a promise is not treated as an empty object.
 *
 * @internal
 */
export function entriesOf(input: unknown): readonly (readonly [unknown, unknown])[] | null {
  if (typeof input !== 'object' || input === null) return null;
  if (Symbol.iterator in input) {
    const pairs = [...(input as Iterable<unknown>)];
    return pairs.every(isPair) ? pairs : null;
  }
  const entries = Object.entries(input);
  return entries.length > 0 || isPlainObject(input) ? entries : null;
}

/** A value as shown in a message: short, with credentials hidden. @internal */
export function shown(value: unknown, name = ''): string {
  if (value === undefined || value === null) return String(value);
  if (isSecretName(name)) return `[redacted] (${typeof value})`;
  switch (typeof value) {
    case 'string': {
      const text = credentials.redact(value);
      return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
    }
    case 'number':
    case 'boolean':
      return String(value);
    case 'object':
      if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
      return isPlainObject(value) ? 'an object' : `an instance of ${nameOfClass(value)}`;
    default:
      return `a ${typeof value}`;
  }
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

function nameOfClass(value: object): string {
  const type: unknown = value.constructor;
  return typeof type === 'function' && type.name !== '' ? type.name : 'an unnamed class';
}

function describe(failure: Failure, parent: string): ValidationProblem[] {
  const { property, constraints = {}, children = [] } = failure;
  const value: unknown = failure.value;
  const path = joined(parent, property);
  const own = Object.entries(constraints).map(([rule, message]) => ({
    path,
    reason:
      rule === 'whitelistValidation'
        ? 'is unknown'
        : `${withoutName(message, property)}, got ${shown(value, property)}`,
  }));
  return [...own, ...children.flatMap((child) => describe(child, path))];
}

/** The dotted path of a member; list indexes are in brackets. @internal */
export function joined(parent: string, member: string): string {
  if (parent === '' || member === '') return parent + member;
  return /^\d+$/.test(member) ? `${parent}[${member}]` : `${parent}.${member}`;
}

function withoutName(message: string, property: string): string {
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}

function findReservedName(value: unknown, parent: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const path = joined(parent, name);
    const found = isReservedName(name) ? path : findReservedName(member, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Freezes the instance as {@link validated} does. @internal */
export function frozen<T extends object>(instance: T): T {
  for (const [name, value] of Object.entries(instance))
    if (Reflect.hasMetadata(asGiven, instance, name)) {
      if (Array.isArray(value)) Object.freeze(value);
    } else freezePlain(value);
  return Object.freeze(instance);
}

function freezePlain(value: unknown): void {
  if (!Array.isArray(value) && !isPlainObject(value)) return;
  for (const member of Object.values(value)) freezePlain(member);
  Object.freeze(value);
}
