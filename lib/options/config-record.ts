import type { ValidationProblem } from '../errors.js';
import { isMap, isPlainObject } from '../shapes.js';
import { entriesOf, isReservedName, joined, shown } from '../validation.js';
import { refuse } from './option-reader.js';
import { option, rule } from './option-rules.js';

const deepest = 64;

/** A JSON value other than null. The configuration of codex-rs is TOML, which does not have null. */
export type ConfigValue = string | number | boolean | readonly ConfigValue[] | ConfigRecord;

/** Configuration of codex-rs as a nested object. Names may be dotted paths. */
export interface ConfigRecord {
  /** A setting, or a table of settings. */
  readonly [name: string]: ConfigValue;
}

/** Configuration as a nested object. It is copied, and `Map`s become objects. @internal */
export function configRecord(): PropertyDecorator {
  return option(
    {},
    (value, at, problems) =>
      isTable(value)
        ? copied(value, at, problems, [])
        : refuse(problems, at, `must be an object, got a value of type ${typeof value}`),
    rule('config', isPlainObject, 'must be an object'),
  );
}

/** Merges two records: nested tables merge, other values of `later` replace earlier ones. @internal */
export function mergedConfig(earlier: ConfigRecord, later: ConfigRecord): ConfigRecord {
  const merged = new Map(Object.entries(earlier));
  for (const [name, value] of Object.entries(later)) {
    const old = merged.get(name);
    merged.set(name, isPlainObject(old) && isPlainObject(value) ? mergedConfig(old, value) : value);
  }
  return Object.fromEntries(merged);
}

/** Returns the setting at a dotted path, whether its tables are nested or dotted; undefined if it is not set. @internal */
export function settingAt(config: ConfigRecord, path: string): ConfigValue | undefined {
  if (Object.hasOwn(config, path)) return config[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const table = Object.hasOwn(config, path.slice(0, dot))
      ? config[path.slice(0, dot)]
      : undefined;
    const setting = isPlainObject(table) ? settingAt(table, path.slice(dot + 1)) : undefined;
    if (setting !== undefined) return setting;
  }
  return undefined;
}

/** Returns the configuration without the setting at a dotted path. @internal */
export function withoutSetting(config: ConfigRecord, path: string): ConfigRecord {
  const kept = Object.entries(config).flatMap(([name, value]): [string, ConfigValue][] => {
    if (name === path) return [];
    if (!path.startsWith(`${name}.`) || !isPlainObject(value)) return [[name, value]];
    return [[name, withoutSetting(value, path.slice(name.length + 1))]];
  });
  return Object.fromEntries(kept);
}

function isTable(value: unknown): value is object {
  return isPlainObject(value) || isMap(value);
}

function copied(
  value: unknown,
  at: string,
  problems: ValidationProblem[],
  above: readonly unknown[],
): ConfigValue | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (above.includes(value)) return refuse(problems, at, 'contains a circular reference');
  if (above.length === deepest)
    return refuse(problems, at, `is nested more than ${deepest} levels deep`);
  const inside = [...above, value];
  if (Array.isArray(value))
    return Array.from(value, (member: unknown, index) =>
      copied(member, joined(at, String(index)), problems, inside),
    ).filter((member) => member !== undefined);
  if (!isTable(value)) return refuse(problems, at, `${objection(value)}, got ${shown(value)}`);
  return Object.fromEntries(
    (entriesOf(value) ?? []).flatMap(([name, member]) => {
      if (member === undefined) return [];
      const path = joined(at, typeof name === 'string' ? name : shown(name));
      if (typeof name !== 'string' || name === '' || isReservedName(name)) {
        refuse(problems, path, 'is not a valid setting name');
        return [];
      }
      const read = copied(member, path, problems, inside);
      return read === undefined ? [] : [[name, read] as const];
    }),
  );
}

function objection(value: unknown): string {
  return value === null
    ? 'must not be null, which codex-rs reads as an empty string'
    : 'must be a string, a finite number, a boolean, an array or an object';
}
