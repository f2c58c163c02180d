import type { ValidationProblem } from '../errors.js';
import { inspect } from 'node:util';
import { isRecord } from '../shapes.js';

/** Checks one value of a script and adds what is wrong with it. @internal */
export type FaultyRule = (value: unknown, path: string, problems: ValidationProblem[]) => void;

/** What an object may hold; a rule made by {@link FaultyShape.optional} may be missing. @internal */
export type FaultyFields = Readonly<Record<string, FaultyRule>>;

const optionalRules = new WeakSet<FaultyRule>();

/** The rules a script's JSON is checked by. @internal */
export class FaultyShape {
  /** Any JSON value. */
  static readonly anything: FaultyRule = (value, path, problems) => {
    if (value === undefined) problems.push({ path, reason: 'is missing' });
  };

  /** Any string, empty too. */
  static readonly text: FaultyRule = (value, path, problems) => {
    if (typeof value !== 'string') refuse('a string', value, path, problems);
  };

  /** `true` or `false`. */
  static readonly flag: FaultyRule = (value, path, problems) => {
    if (typeof value !== 'boolean') refuse('true or false', value, path, problems);
  };

  /** A plain object with any keys. */
  static readonly record: FaultyRule = (value, path, problems) => {
    if (!isRecord(value)) refuse('an object', value, path, problems);
  };

  /** A string of a certain form. */
  static matching(form: RegExp, description: string): FaultyRule {
    return (value, path, problems) => {
      if (typeof value !== 'string' || !form.test(value))
        refuse(description, value, path, problems);
    };
  }

  /** A whole number that is not less than `least`. */
  static integer(least: number): FaultyRule {
    return (value, path, problems) => {
      if (!Number.isSafeInteger(value) || (value as number) < least)
        refuse(`a whole number from ${least} on`, value, path, problems);
    };
  }

  /** One of a few words. */
  static oneOf(words: readonly string[]): FaultyRule {
    return (value, path, problems) => {
      if (!words.includes(value as string))
        refuse(`one of ${words.join(', ')}`, value, path, problems);
    };
  }

  /** A list whose entries all keep one rule. */
  static listOf(rule: FaultyRule): FaultyRule {
    return (value, path, problems) => {
      if (!Array.isArray(value)) refuse('a list', value, path, problems);
      else
        value.forEach((entry, index) => {
          rule(entry, `${path}[${index}]`, problems);
        });
    };
  }

  /** A value that keeps one of two rules. */
  static either(first: FaultyRule, second: FaultyRule): FaultyRule {
    return (value, path, problems) => {
      const found: ValidationProblem[] = [];
      first(value, path, found);
      if (found.length > 0) second(value, path, problems);
    };
  }

  /** The rule of a field that may be missing. */
  static optional(rule: FaultyRule): FaultyRule {
    const optional: FaultyRule = (value, path, problems) => {
      if (value !== undefined) rule(value, path, problems);
    };
    optionalRules.add(optional);
    return optional;
  }

  /** An object with these fields and no others. */
  static object(fields: FaultyFields): FaultyRule {
    return (value, path, problems) => {
      if (!isRecord(value)) {
        refuse('an object', value, path, problems);
        return;
      }
      for (const key of Object.keys(value))
        if (!Object.hasOwn(fields, key))
          problems.push({
            path: join(path, key),
            reason: `is not known here; known are ${Object.keys(fields).join(', ')}`,
          });
      for (const [key, rule] of Object.entries(fields))
        if (Object.hasOwn(value, key) || !optionalRules.has(rule))
          rule(value[key], join(path, key), problems);
    };
  }

  /** An object whose `type` says which further fields it has. */
  static tagged(shapes: Readonly<Record<string, FaultyFields>>): FaultyRule {
    return (value, path, problems) => {
      const type = isRecord(value) ? value.type : undefined;
      const fields = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : null;
      if (!fields)
        refuse(`one of ${Object.keys(shapes).join(', ')}`, type, join(path, 'type'), problems);
      else FaultyShape.object({ type: FaultyShape.text, ...fields })(value, path, problems);
    };
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function refuse(wanted: string, value: unknown, path: string, problems: ValidationProblem[]): void {
  const got = inspect(value, { depth: 0, maxStringLength: 80, breakLength: Infinity });
  problems.push({ path, reason: `must be ${wanted}, got ${got}` });
}
