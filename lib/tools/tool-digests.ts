import { createHash } from 'node:crypto';
import { isPlainObject } from '../shapes.js';

/** The tools of a thread by name: a digest of the input schema that the model received. */
export type ToolDigests = Readonly<Record<string, string>>;

/** The differences between the given tools and those that the thread was started with. Names are sorted. */
export interface ToolsDifference {
  /** Tools that the thread does not have: they are not offered to its model. */
  readonly added: readonly string[];
  /** Tools whose input schema differs from the one that the model received. */
  readonly changed: readonly string[];
  /** Tools of the thread that are missing: a call of one fails, with a message to the model. */
  readonly missing: readonly string[];
}

/** Compares the digests of the given tools with those of a thread. @internal */
export function differenceOf(own: ToolDigests, stored: ToolDigests): ToolsDifference {
  const has = (digests: ToolDigests) => (name: string) => Object.hasOwn(digests, name);
  const names = Object.keys(own).sort();
  return {
    added: names.filter((name) => !has(stored)(name)),
    changed: names.filter((name) => has(stored)(name) && stored[name] !== own[name]),
    missing: Object.keys(stored)
      .filter((name) => !has(own)(name))
      .sort(),
  };
}

/** A short digest of a JSON Schema or any JSON value, independent of the order of its members. @internal */
export function digestOf(value: unknown): string {
  const text = JSON.stringify(canonical(value));
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** Descriptions count: they contain what codex-rs drops from a schema, such as the bounds of a number. */
function canonical(value: unknown, name?: string): unknown {
  if (Array.isArray(value)) {
    const members = value.map((member) => canonical(member));
    return name === 'required' ? members.sort() : members;
  }
  if (!isPlainObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((member) => [member, canonical(value[member], member)]));
}
