import type { ValidationProblem } from '../errors.js';
import { entriesOf, isPlainObject, isReservedName, joined, shown } from '../validation.js';
import { refuse } from './option-reader.js';
import { option, rule, type OptionProps } from './option-rules.js';

/** A JSON value. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A nested JSON object, such as codex-rs configuration. */
export type JsonRecord = Readonly<Record<string, Json>>;

/** A nested JSON object; it is copied, and `Map`s in it become objects. @internal */
export function jsonRecord(props: OptionProps = {}): PropertyDecorator {
  return option(
    props,
    (value, at, problems) =>
      !isPlainObject(value) && !(value instanceof Map)
        ? refuse(problems, at, `must be a JSON object, got ${shown(value)}`)
        : copied(value, at, problems, []),
    rule('json', (value) => typeof value === 'object', 'must be a JSON object'),
  );
}

/** Both records; nested objects merge, everything else is replaced by the later one. @internal */
export function mergedJson(earlier: JsonRecord, later: JsonRecord): JsonRecord {
  const merged = new Map(Object.entries(earlier));
  for (const [name, value] of Object.entries(later)) {
    const old = merged.get(name);
    merged.set(name, isRecord(old) && isRecord(value) ? mergedJson(old, value) : value);
  }
  return Object.fromEntries(merged);
}

function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function copied(
  value: unknown,
  at: string,
  problems: ValidationProblem[],
  above: readonly unknown[],
): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (above.includes(value)) return refuse(problems, at, 'refers back to itself');
  const path = [...above, value];
  if (Array.isArray(value))
    return value.map(
      (member: unknown, index) => copied(member, joined(at, String(index)), problems, path) ?? null,
    );
  const entries = isPlainObject(value) || value instanceof Map ? entriesOf(value) : null;
  if (entries === null) return refuse(problems, at, `must be a JSON value, got ${shown(value)}`);
  const record = new Map<string, Json>();
  for (const [name, member] of entries) {
    if (member === undefined) continue;
    const inner = joined(at, typeof name === 'string' ? name : shown(name));
    if (typeof name !== 'string' || name === '' || isReservedName(name))
      refuse(problems, inner, 'is no name for a member');
    else record.set(name, copied(member, inner, problems, path) ?? null);
  }
  return Object.fromEntries(record);
}
