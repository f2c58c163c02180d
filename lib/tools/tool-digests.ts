import { createHash } from 'node:crypto';
import { isPlainObject } from '../shapes.js';

/** What a thread keeps of its tools, by name: a digest of the input's schema, as the model was told it. */
export type ToolDigests = Readonly<Record<string, string>>;

/** How the tools at hand differ from those a thread was started with. Names are sorted. */
export interface ToolsDifference {
  /** Tools the thread does not have: its model is not offered them. */
  readonly added: readonly string[];
  /** Tools whose input is not what the thread's model was told. */
  readonly changed: readonly string[];
  /** Tools of the thread that are not there any more: a call of one fails, and the model is told so. */
  readonly missing: readonly string[];
}

/** The difference between the digests of the tools at hand and those of a thread. @internal */
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

/** A short digest of a JSON Schema or any JSON value, whatever the order of its members. @internal */
export function digestOf(value: unknown): string {
  const text = JSON.stringify(canonical(value));
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** Descriptions count: what codex-rs would drop from a schema, such as the bounds of a number, stands in them. */
function canonical(value: unknown, name?: string): unknown {
  if (Array.isArray(value)) {
    const members = value.map((member) => canonical(member));
    return name === 'required' ? members.sort() : members;
  }
  if (!isPlainObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((member) => [member, canonical(value[member], member)]));
}
