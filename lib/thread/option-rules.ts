import { resolve } from 'node:path';
import { IsBoolean, IsIn, IsOptional, ValidateBy, ValidateNested } from 'class-validator';
import type { ValidationProblem } from '../errors.js';
import { Labels } from '../record/labels.js';
import { Secret } from '../redaction.js';
import { entriesOf, frozen, isReservedName, joined, keptAsGiven, shown } from '../validation.js';
import { declareOption, readOptions, refuse, type ReadOption } from './option-reader.js';

/** What else is known about an option. @internal */
export interface OptionProps {
  /** Other names callers may use; each also in snake_case. */
  readonly also?: readonly string[];
}

/** Text that is not blank. @internal */
export function text(props: OptionProps = {}): PropertyDecorator {
  return option(props, asIs, rule('text', isText, 'must be a non-empty string'));
}

/** An absolute path; a relative one is resolved against the current directory when it is read. @internal */
export function path(props: OptionProps & { bareNames?: boolean } = {}): PropertyDecorator {
  const read: ReadOption = (value, at, problems) =>
    typeof value === 'string' ? readPath(value, at, problems, props.bareNames ?? false) : value;
  return option(props, read, rule('text', isText, 'must be a non-empty path'));
}

/** A list of absolute paths, read like {@link path}. @internal */
export function paths(props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    (value, at, problems) =>
      Array.isArray(value)
        ? value.map((member: unknown, index) =>
            typeof member === 'string'
              ? readPath(member, joined(at, String(index)), problems, false)
              : member,
          )
        : value,
    rule('texts', isTexts, 'must be a list of non-empty strings'),
  );
}

/** A list of text. A single string is refused: it may be meant as one value or as several. @internal */
export function texts(props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    (value) => (Array.isArray(value) ? [...(value as unknown[])] : value),
    rule('texts', isTexts, 'must be a list of non-empty strings'),
  );
}

/** One of a closed set of values, which may have other spellings. @internal */
export function choice(
  values: readonly string[],
  props: OptionProps & {
    spellings?: Readonly<Record<string, string>>;
    retired?: Readonly<Record<string, string>>;
  } = {},
): PropertyDecorator {
  const { spellings = {}, retired = {} } = props;
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return option(
    props,
    (value, at, problems) => {
      if (typeof value !== 'string') return value;
      if (Object.hasOwn(retired, value)) return refuse(problems, at, retired[value] ?? '');
      return Object.hasOwn(spellings, value) ? spellings[value] : value;
    },
    IsIn(values, { message: `must be one of ${list}` }),
  );
}

/** A yes or no; the words "true" and "false" are read as such. @internal */
export function flag(props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    (value) => (value === 'true' ? true : value === 'false' ? false : value),
    IsBoolean({ message: 'must be true or false' }),
  );
}

/** A whole number within bounds; decimal digits in a string are read as a number. @internal */
export function count(min: number, max: number, props: OptionProps = {}): PropertyDecorator {
  const within = (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return option(
    props,
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    rule('count', within, `must be a whole number from ${min} to ${max}`),
  );
}

/** A credential, held as a {@link Secret}; its value appears in no message. @internal */
export function secret(minLength: number, props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    (value, at, problems) => {
      const plain = value instanceof Secret ? value.reveal() : value;
      if (typeof plain !== 'string')
        return refuse(problems, at, `must be a string or a Secret, got a ${typeof plain}`);
      if (plain === '') return refuse(problems, at, 'must not be empty');
      if (/\s/.test(plain)) return refuse(problems, at, 'must not contain white space');
      if (plain.length < minLength)
        return refuse(problems, at, `must have at least ${minLength} characters`);
      return value instanceof Secret ? value : new Secret(plain);
    },
    rule('secret', (value) => value instanceof Secret, 'must be a Secret'),
  );
}

/** Raw configuration lines of the form `key=value`. @internal */
export function configLines(props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    (value) => (Array.isArray(value) ? [...(value as unknown[])] : value),
    rule(
      'configLines',
      (value) =>
        Array.isArray(value) &&
        value.every((line) => typeof line === 'string' && /^[^=\s][^=]*=/.test(line)),
      'must be a list of "key=value" strings',
    ),
  );
}

/** The address of a server. @internal */
export function url(props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    (value) => (value instanceof URL ? value.href : value),
    rule('url', isServerUrl, 'must be an http or https URL without user name, query and fragment'),
  );
}

/** A nested group of options with a class of its own. @internal */
export function part(type: new () => object, props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    (value, at, problems) => {
      const reading = readOptions(type.prototype as object, value, {}, at);
      problems.push(...reading.problems);
      return frozen(Object.assign(new type(), reading.values));
    },
    ValidateNested(),
  );
}

/** A record of strings for an environment; names given as undefined are left out, as in `process.env`. @internal */
export function variables(props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    readVariables,
    rule('variables', (value) => typeof value === 'object', 'must be a record of strings'),
  );
}

/** Labels, in any form {@link Labels.from} accepts. @internal */
export function labels(): PropertyDecorator {
  return option(
    {},
    (value, at, problems) => {
      const examination = Labels.check(value);
      if (examination.ok) return examination.value;
      for (const problem of examination.problems)
        problems.push({ path: joined(at, problem.path), reason: problem.reason });
      return undefined;
    },
    rule('labels', (value) => value instanceof Labels, 'must be labels'),
  );
}

/** An object of the caller's, held as it is: never copied, never frozen. @internal */
export function kept(): PropertyDecorator {
  return option({}, asIs, rule('object', isObject, 'must be an object'), keptAsGiven());
}

/** A list of such objects; the list itself is copied. @internal */
export function keptList(): PropertyDecorator {
  return option(
    {},
    (value) => (Array.isArray(value) ? [...(value as unknown[])] : value),
    rule(
      'objects',
      (value) => Array.isArray(value) && value.every(isObject),
      'must be a list of objects',
    ),
    keptAsGiven(),
  );
}

/** An optional option: how its value is read, and the rules it must keep. @internal */
export function option(
  props: OptionProps,
  read: ReadOption,
  ...rules: readonly PropertyDecorator[]
): PropertyDecorator {
  return (target, name) => {
    declareOption(target, { name: String(name), also: props.also ?? [], read });
    IsOptional()(target, name);
    for (const apply of rules) apply(target, name);
  };
}

/** A rule of our own, by name and message. @internal */
export function rule(
  name: string,
  holds: (value: unknown) => boolean,
  message: string,
): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: holds } }, { message });
}

const asIs: ReadOption = (value) => value;

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isServerUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}

function isObject(value: unknown): boolean {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function readPath(
  value: string,
  at: string,
  problems: ValidationProblem[],
  bareNames: boolean,
): string | undefined {
  if (value.trim() === '') return value;
  if (value.includes('\0')) return refuse(problems, at, 'must not contain NUL');
  if (/^~(?:[\\/]|$)/.test(value))
    return refuse(problems, at, '"~" is not expanded: pass the home directory itself');
  return bareNames && !/[\\/]/.test(value) ? value : resolve(value);
}

function readVariables(value: unknown, at: string, problems: ValidationProblem[]): unknown {
  const entries = entriesOf(value);
  if (entries === null)
    return refuse(problems, at, `must be a record of strings, got ${shown(value)}`);
  const read = new Map<string, string>();
  for (const [name, text] of entries) {
    const member = joined(at, typeof name === 'string' ? name : shown(name));
    if (typeof name !== 'string' || name === '' || /[=\0]/.test(name) || isReservedName(name))
      refuse(problems, member, 'is no name for an environment variable');
    else if (text === undefined) continue;
    else if (typeof text !== 'string')
      refuse(problems, member, `must be a string, got a ${typeof text}`);
    else if (text.includes('\0')) refuse(problems, member, 'must not contain NUL');
    else if (read.has(name)) refuse(problems, member, 'is given twice');
    else read.set(name, text);
  }
  return Object.fromEntries(read);
}
