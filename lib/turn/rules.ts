import type { ValidationProblem } from '../errors.js';
import { nearestName } from '../options/nearest-name.js';
import { isPlainObject } from '../shapes.js';
import { entriesOf, joined, shown } from '../validation.js';

/** Returns the problem of an option's value; null if the value is valid. */
export type Rule = (value: unknown) => string | null;

/** The rules of options, by their names. */
export type Rules = Readonly<Record<string, Rule>>;

/** The required options, and the message for an unknown name. */
export interface RulesProps {
  readonly required?: readonly string[];
  readonly hint?: (name: string) => string;
}

/** The problems of the options. */
export function problemsIn(
  given: object,
  rules: Rules,
  path: string,
  { required = [], hint = () => '' }: RulesProps = {},
): ValidationProblem[] {
  const entries = (entriesOf(given) ?? []).filter(([, value]) => value !== undefined);
  const missing = required.filter((name) => !entries.some(([key]) => key === name));
  return [
    ...missing.map((name) => ({ path: joined(path, name), reason: 'is missing' })),
    ...entries.flatMap(([key, value]) => {
      const name = String(key);
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      const reason =
        rule === undefined
          ? `is unknown${nearest(name, rules) ?? hint(name)}`
          : said(rule(value), value);
      return reason === null ? [] : [{ path: joined(path, name), reason }];
    }),
  ];
}

/** A plain object. */
export function object(value: unknown): string | null {
  return isPlainObject(value) ? null : 'must be an object';
}

/** A number above 0. */
export function positive(value: unknown): string | null {
  return typeof value === 'number' && value > 0 ? null : 'must be a number greater than 0';
}

/** A number of 0 or more. */
export function notNegative(value: unknown): string | null {
  return typeof value === 'number' && value >= 0 && value < Infinity
    ? null
    : 'must be a finite number, 0 or greater';
}

function said(reason: string | null, value: unknown): string | null {
  return reason === null ? null : `${reason}, got ${shown(value)}`;
}

function nearest(name: string, rules: Rules): string | undefined {
  const known = nearestName(name, Object.keys(rules));
  return known === undefined ? undefined : `: did you mean ${known}?`;
}
