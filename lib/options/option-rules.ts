import { IsBoolean, IsIn, IsOptional, ValidateBy, ValidateNested } from '../deferred-decorators.js';
import { Labels } from '../record/labels.js';
import { readSecret, Secret } from '../redaction.js';
import { isObject } from '../shapes.js';
import { frozen, joined, keptAsGiven, shown } from '../validation.js';
import { declareOption, readOptions, refuse, type ReadOption } from './option-reader.js';

/** Properties of an option. @internal */
export interface OptionProps {
  /** Aliases. Each is also accepted in snake_case. */
  readonly also?: readonly string[];
}

/** Properties of an option with a closed set of values. @internal */
export interface ChoiceProps extends OptionProps {
  /** Other spellings of values. */
  readonly spellings?: Readonly<Record<string, string>>;
}

/** An option that may be absent: its reader and its rules. @internal */
export function option(
  props: OptionProps & { readonly members?: Readonly<Record<string, string>> },
  read: ReadOption,
  ...rules: readonly PropertyDecorator[]
): PropertyDecorator {
  return (target, name) => {
    const { also = [], members = {} } = props;
    declareOption(target, { name: String(name), also, members, read });
    IsOptional()(target, name);
    for (const apply of rules) apply(target, name);
  };
}

/** A custom rule, by name and message. @internal */
export function rule(
  name: string,
  holds: (value: unknown) => boolean,
  message: string,
): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: holds } }, { message });
}

/** Text that is not blank. @internal */
export function text(props: OptionProps = {}): PropertyDecorator {
  return option(props, asIs, rule('text', isText, 'must be a non-empty string'));
}

/** The version of a release. @internal */
export function versionNumber(): PropertyDecorator {
  return option(
    {},
    asIs,
    rule(
      'versionNumber',
      (value) => typeof value === 'string' && /^\d+\.\d+\.\d+$/.test(value),
      'must be a version such as "0.163.0"',
    ),
  );
}

/** Text that may be empty, because the empty text has a meaning for codex-rs. @internal */
export function textOrNothing(): PropertyDecorator {
  return option(
    {},
    asIs,
    rule('text', (value) => typeof value === 'string', 'must be a string'),
  );
}

/** Text that is valid in an HTTP header. @internal */
export function headerText(): PropertyDecorator {
  return option(
    {},
    asIs,
    rule(
      'headerText',
      (value) => isText(value) && /^[ -~]+$/.test(String(value)),
      'must be non-empty ASCII text: it is sent in an HTTP header',
    ),
  );
}

/** A list of texts. A single string is rejected as ambiguous: one value or several. @internal */
export function texts(): PropertyDecorator {
  return option({}, listOf(readText), rule('list', Array.isArray, 'must be an array of strings'));
}

/** Raw configuration lines of the form `key=value`. @internal */
export function configLines(): PropertyDecorator {
  const readLine: ReadOption = (value, at, problems) =>
    typeof value === 'string' && /^[^=\s][^=]*=/.test(value)
      ? value
      : refuse(problems, at, `must be "key=value", got ${shown(value)}`);
  return option({}, listOf(readLine), rule('list', Array.isArray, 'must be an array of strings'));
}

/** One of a closed set of values. @internal */
export function choice(values: readonly string[], props: ChoiceProps = {}): PropertyDecorator {
  const { spellings = {} } = props;
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return option(
    props,
    (value) =>
      typeof value === 'string' && Object.hasOwn(spellings, value) ? spellings[value] : value,
    IsIn(values, { message: `must be one of ${list}` }),
  );
}

/** A boolean. The strings "true" and "false" are accepted. @internal */
export function flag(): PropertyDecorator {
  return option(
    {},
    (value) => (value === 'true' ? true : value === 'false' ? false : value),
    IsBoolean({ message: 'must be true or false' }),
  );
}

/** An integer within bounds. A string of decimal digits is accepted. @internal */
export function count(min: number, max: number): PropertyDecorator {
  const within = (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return option(
    {},
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    rule('count', within, `must be an integer from ${min} to ${max}`),
  );
}

/** A credential, held as a {@link Secret}. Messages never include its value. @internal */
export function secret(minLength: number): PropertyDecorator {
  return option(
    {},
    (value, at, problems) => {
      const read = readSecret(value, minLength);
      return typeof read === 'string' ? refuse(problems, at, read) : read;
    },
    rule('secret', (value) => value instanceof Secret, 'must be a Secret'),
  );
}

/**
 * A nested group of options with its own class. `members` lists those that are also accepted outside the group.
 *
 * @internal
 */
export function part(
  type: new () => object,
  members: Readonly<Record<string, string>> = {},
): PropertyDecorator {
  return option(
    { members },
    (value, at, problems) => {
      const reading = readOptions(type.prototype as object, value, {}, at);
      problems.push(...reading.problems);
      return frozen(Object.assign(new type(), reading.values));
    },
    ValidateNested(),
  );
}

/** Labels, in any form {@link Labels.from} accepts. @internal */
export function labels(): PropertyDecorator {
  return option(
    {},
    (value, at, problems) => {
      const examination = Labels.check(value);
      if (examination.ok) return examination.value;
      for (const { path, reason } of examination.problems)
        problems.push({ path: joined(at, path), reason });
      return undefined;
    },
    rule('labels', (value) => value instanceof Labels, 'must be an object of strings'),
  );
}

/** An object of the caller, held by reference: never copied, never frozen. @internal */
export function kept(): PropertyDecorator {
  return option({}, asIs, rule('object', isObject, 'must be an object'), keptAsGiven());
}

/** A list of such objects. The list itself is copied. @internal */
export function keptList(): PropertyDecorator {
  const read: ReadOption = (value, at, problems) =>
    isObject(value) ? value : refuse(problems, at, `must be an object, got ${shown(value)}`);
  return option(
    {},
    listOf(read),
    rule('list', Array.isArray, 'must be an array of objects'),
    keptAsGiven(),
  );
}

/** Reads every member of a list into a copy. Other values are returned unchanged for the rule to reject. @internal */
export function listOf(read: ReadOption): ReadOption {
  return (value, at, problems) => {
    if (!Array.isArray(value)) return value;
    const members = Array.from(value, (member: unknown, index) =>
      read(member, joined(at, String(index)), problems),
    );
    return members.filter((member) => member !== undefined);
  };
}

/** Whether a value is a string that is not blank. @internal */
export function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

const asIs: ReadOption = (value) => value;

const readText: ReadOption = (value, at, problems) =>
  isText(value) ? value : refuse(problems, at, `must be a non-empty string, got ${shown(value)}`);
