import 'reflect-metadata';
import type { ValidationProblem } from '../errors.js';
import { entriesOf, joined, shown } from '../validation.js';
import { nearestName } from './nearest-name.js';

const declared = Symbol.for('codex-threads.option-fields');

/** Turns what a caller gave for an option into its one form; undefined when it was refused, with the problem added. */
export type ReadOption = (value: unknown, path: string, problems: ValidationProblem[]) => unknown;

/** One option of a class: its name, what else it is called, and how a value is read. @internal */
export interface OptionField {
  readonly name: string;
  readonly also: readonly string[];
  readonly read: ReadOption;
}

/** What was read from an input: values by canonical name, and what is wrong with the rest. @internal */
export interface OptionReading {
  readonly values: Record<string, unknown>;
  readonly problems: ValidationProblem[];
}

/** Where names that are no option of a class belong, for the message. @internal */
export type ForeignNames = Readonly<Record<string, string>>;

/** The same members under their snake_case names. */
export type SnakeCased<T> = { readonly [Name in keyof T & string as SnakeCase<Name>]?: T[Name] };

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : Name;

/** Adds an option to the class that the decorated property belongs to. @internal */
export function declareOption(target: object, field: OptionField): void {
  const fields = (Reflect.getOwnMetadata(declared, target) ?? new Map()) as Map<
    string,
    OptionField
  >;
  for (const name of [field.name, ...field.also])
    for (const spelling of [name, snakeCased(name)]) fields.set(spelling, field);
  Reflect.defineMetadata(declared, fields, target);
}

/** The canonical names of the options of a class. @internal */
export function optionNames(prototype: object): readonly string[] {
  return [...new Set([...fieldsOf(prototype).values()].map(({ name }) => name))];
}

/** Every name an option can be given under, with its canonical name. @internal */
export function optionSpellings(prototype: object): ReadonlyMap<string, string> {
  return new Map([...fieldsOf(prototype)].map(([spelling, { name }]) => [spelling, name]));
}

/** Reads an input by the options its class declares. Options given as undefined count as not given. @internal */
export function readOptions(
  prototype: object,
  input: unknown,
  foreign: ForeignNames = {},
  parent = '',
): OptionReading {
  const values: Record<string, unknown> = {};
  const problems: ValidationProblem[] = [];
  const entries = entriesOf(input);
  if (entries === null) {
    const reason = `must be an object, a Map or [name, value] entries, got ${shown(input)}`;
    return { values, problems: [{ path: parent, reason }] };
  }
  const fields = fieldsOf(prototype);
  const givenAs = new Map<string, unknown>();
  for (const [key, value] of entries) {
    if (value === undefined) continue;
    const field = typeof key === 'string' ? fields.get(key) : undefined;
    if (field === undefined) {
      problems.push(unknownOption(key, parent, fields, foreign));
      continue;
    }
    const path = joined(parent, field.name);
    if (givenAs.has(field.name)) {
      problems.push({ path, reason: givenTwice(givenAs.get(field.name), key) });
      continue;
    }
    givenAs.set(field.name, key);
    const read =
      value === null
        ? refuse(problems, path, 'must not be null: leave the option out instead')
        : field.read(value, path, problems);
    if (read !== undefined) values[field.name] = read;
  }
  return { values, problems };
}

/** Adds a problem and gives undefined, typed so that a reader of any kind can return it. @internal */
export function refuse(
  problems: ValidationProblem[],
  path: string,
  reason: string,
): string | undefined {
  problems.push({ path, reason });
  return undefined;
}

/** The snake_case form of a camelCase name. @internal */
export function snakeCased(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function fieldsOf(prototype: object): ReadonlyMap<string, OptionField> {
  return (Reflect.getOwnMetadata(declared, prototype) ?? new Map()) as ReadonlyMap<
    string,
    OptionField
  >;
}

function givenTwice(first: unknown, second: unknown): string {
  return first === second
    ? 'is given twice'
    : `is given twice, as ${shown(first)} and as ${shown(second)}: use one name`;
}

function unknownOption(
  key: unknown,
  parent: string,
  fields: ReadonlyMap<string, OptionField>,
  foreign: ForeignNames,
): ValidationProblem {
  if (typeof key !== 'string')
    return { path: parent, reason: `an option name must be a string, got ${shown(key)}` };
  const path = joined(parent, key);
  const camelCased = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const home = Object.hasOwn(foreign, camelCased) ? foreign[camelCased] : undefined;
  if (home !== undefined) return { path, reason: `is not an option here: ${home}` };
  const nearest = nearestName(key, fields.keys());
  const canonical = nearest === undefined ? undefined : fields.get(nearest)?.name;
  const hint = canonical === undefined ? '' : `; did you mean ${JSON.stringify(canonical)}?`;
  return { path, reason: `is not a known option${hint}` };
}
