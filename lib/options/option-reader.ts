import 'reflect-metadata';
import type { ValidationProblem } from '../errors.js';
import { entriesOf, joined, shown } from '../validation.js';
import { nearestName } from './nearest-name.js';

const declared = Symbol.for('codex-threads.option-fields');

/**
 * Converts the given value of an option to its canonical form. For an invalid value, it adds a problem and returns
 * undefined.
 */
export type ReadOption = (value: unknown, path: string, problems: ValidationProblem[]) => unknown;

/** One option of a class: its name, its aliases, and the reader of its value. @internal */
export interface OptionField {
  readonly name: string;
  readonly also: readonly string[];
  /** Names of group members that may be given outside the group, with their names inside it. */
  readonly members: Readonly<Record<string, string>>;
  readonly read: ReadOption;
}

/** The meaning of a name: an option, or one member of a group. */
interface Meaning {
  readonly field: OptionField;
  readonly member?: string;
}

/** The result of reading an input: values by canonical name, and the problems. @internal */
export interface OptionReading {
  readonly values: Record<string, unknown>;
  readonly problems: ValidationProblem[];
  /** The paths of the options in the given order. */
  readonly order: string[];
}

/** For names that are not options of a class, where they belong; used in the message. @internal */
export type ForeignNames = Readonly<Record<string, string>>;

/** Adds an option to the class that the decorated property belongs to. @internal */
export function declareOption(target: object, field: OptionField): void {
  const meanings = (Reflect.getOwnMetadata(declared, target) ?? new Map()) as Map<string, Meaning>;
  const define = (name: string, meaning: Meaning): void => {
    meanings.set(name, meaning).set(snakeCased(name), meaning);
  };
  for (const name of [field.name, ...field.also]) define(name, { field });
  for (const [name, member] of Object.entries(field.members)) define(name, { field, member });
  Reflect.defineMetadata(declared, meanings, target);
}

/** Every accepted name of an option, with its canonical name. @internal */
export function optionSpellings(prototype: object): ReadonlyMap<string, string> {
  return new Map([...meaningsOf(prototype)].map(([name, { field }]) => [name, field.name]));
}

/** Reads an input by the options that its class declares. Undefined options count as absent. @internal */
export function readOptions(
  prototype: object,
  input: unknown,
  foreign: ForeignNames = {},
  parent = '',
): OptionReading {
  const entries = entriesOf(input);
  if (entries === null) {
    const reason = `must be an object, a Map or an array of [name, value] entries, got ${kindOf(input)}`;
    return { values: {}, problems: [{ path: parent, reason }], order: [] };
  }
  const reading: OptionReading = { values: {}, problems: [], order: [] };
  const meanings = meaningsOf(prototype);
  const given = new GivenNames();
  for (const [key, value] of entries) {
    if (value === undefined) continue;
    const meaning = typeof key === 'string' ? meanings.get(key) : undefined;
    if (typeof key !== 'string' || meaning === undefined) {
      const problem = unknownOption(key, parent, meanings, foreign);
      reading.order.push(problem.path);
      reading.problems.push(problem);
      continue;
    }
    const path = joined(parent, meaning.field.name);
    reading.order.push(path);
    const first = given.claim(key, meaning);
    if (first !== undefined) refuse(reading.problems, path, givenTwice(first, key));
    else if (value === null)
      refuse(reading.problems, path, 'must not be null: omit the option instead');
    else if (meaning.member !== undefined) given.collect(meaning.field, meaning.member, value);
    else keep(reading, meaning.field, meaning.field.read(value, path, reading.problems));
  }
  for (const [field, members] of given.groups)
    keep(reading, field, field.read(members, joined(parent, field.name), reading.problems));
  return reading;
}

/**
 * Removes members from an input that are not options of its class. An invalid input is returned unchanged: reading the
 * options rejects it.
 *
 * @internal
 */
export function takenOut(
  input: unknown,
  names: readonly string[],
): { readonly taken: Readonly<Record<string, unknown>>; readonly rest: unknown } {
  const entries = entriesOf(input);
  if (entries === null) return { taken: {}, rest: input };
  const isTaken = ([name]: readonly [unknown, unknown]): boolean => names.includes(name as string);
  const taken = entries.filter(isTaken).filter(([, value]) => value !== undefined);
  return {
    taken: Object.fromEntries(taken) as Record<string, unknown>,
    rest: entries.filter((entry) => !isTaken(entry)),
  };
}

/** Sorts problems in the order of the given options; other problems come last. @internal */
export function inOrderOf(
  order: readonly string[],
  problems: readonly ValidationProblem[],
): ValidationProblem[] {
  const rank = ({ path }: ValidationProblem): number => {
    const exact = order.indexOf(path);
    const found = exact === -1 ? order.indexOf(path.split(/[.[]/, 1)[0] ?? '') : exact;
    return found === -1 ? order.length : found;
  };
  return [...problems].sort((one, other) => rank(one) - rank(other));
}

/** The names used so far, and the members collected for groups. */
class GivenNames {
  readonly groups = new Map<OptionField, Record<string, unknown>>();
  readonly #used: { readonly key: string; readonly meaning: Meaning }[] = [];

  /** The name that was used earlier with the same meaning, if any. */
  claim(key: string, meaning: Meaning): string | undefined {
    const rival = this.#used.find(
      ({ meaning: { field, member } }) =>
        field === meaning.field &&
        (member === undefined || meaning.member === undefined || member === meaning.member),
    );
    if (rival === undefined) this.#used.push({ key, meaning });
    return rival?.key;
  }

  collect(field: OptionField, member: string, value: unknown): void {
    this.groups.set(field, { ...this.groups.get(field), [member]: value });
  }
}

function keep(reading: OptionReading, field: OptionField, value: unknown): void {
  if (value !== undefined) reading.values[field.name] = value;
}

/** Adds a problem and returns undefined. @internal */
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

function meaningsOf(prototype: object): ReadonlyMap<string, Meaning> {
  return (Reflect.getOwnMetadata(declared, prototype) ?? new Map()) as ReadonlyMap<string, Meaning>;
}

function givenTwice(first: string, second: string): string {
  return first === second
    ? 'is given twice'
    : `is given twice, as ${JSON.stringify(first)} and as ${JSON.stringify(second)}: use one name`;
}

function unknownOption(
  key: unknown,
  parent: string,
  meanings: ReadonlyMap<string, Meaning>,
  foreign: ForeignNames,
): ValidationProblem {
  if (typeof key !== 'string')
    return { path: parent, reason: `an option name must be a string, got ${kindOf(key)}` };
  const path = joined(parent, key);
  const camelCased = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const home = Object.hasOwn(foreign, camelCased) ? foreign[camelCased] : undefined;
  if (home !== undefined) return { path, reason: `is not an option here: ${home}` };
  const nearest = nearestName(key, [...meanings.keys(), ...Object.keys(foreign)]);
  if (nearest === undefined) return { path, reason: 'is not a known option' };
  const known = JSON.stringify(meanings.get(nearest)?.field.name ?? nearest);
  const place = meanings.has(nearest) ? '' : ` If so, ${foreign[nearest]}.`;
  return { path, reason: `is not a known option; did you mean ${known}?${place}` };
}

function kindOf(value: unknown): string {
  return typeof value === 'string' ? 'a string' : shown(value);
}
