import type { JsonValue } from '../protocol/index.js';
import { isOfType, typeOf } from './schema-node.js';
import { phrase } from './wording.js';

/** The JSON types that a rule can require. @internal */
export type JsonType = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';

/** The constraints of one validator, as far as JSON Schema can express them. @internal */
export interface Constraint {
  /** The only accepted type, or undefined if several are accepted. */
  readonly type?: JsonType;
  /** JSON Schema keywords. */
  readonly keywords?: Readonly<Record<string, JsonValue>>;
  /** The constraints that no keyword can express, in words. */
  readonly says?: string;
}

/**
 * The combined constraints of all validators of one value: the narrowest type, the tightest bounds, and in words what
 * JSON Schema cannot express.
 *
 * @internal
 */
export class Constraints {
  readonly #keywords: Record<string, JsonValue> = {};
  readonly #says: string[] = [];
  #type: JsonType | null = null;

  /** The type so far, or null if no validator determines it. */
  get type(): JsonType | null {
    return this.#type;
  }

  /** The allowed values, or null if they are not listed. */
  get values(): readonly JsonValue[] | null {
    return (this.#keywords.enum as readonly JsonValue[] | undefined) ?? null;
  }

  /** Whether the JSON type of the value is determined. */
  get isTyped(): boolean {
    return this.#type !== null || this.values !== null;
  }

  /** Adds the constraints of one validator; returns the contradiction with earlier ones, or null. */
  add(constraint: Constraint): string | null {
    const { type, keywords = {}, says } = constraint;
    if (type !== undefined) {
      const narrowed = this.#type === null ? type : narrower(this.#type, type);
      if (narrowed === null) return `cannot be ${this.#type ?? ''} and ${type} at once`;
      this.#type = narrowed;
    }
    for (const [keyword, value] of Object.entries(keywords)) this.#merge(keyword, value);
    if (says !== undefined) this.#says.push(says);
    const allowed = this.values?.filter(
      (value) => this.#type === null || isOfType(value, this.#type),
    );
    if (allowed === undefined) return null;
    this.#keywords.enum = [...allowed];
    return allowed.length === 0 ? 'has no value that satisfies all its validators' : null;
  }

  /** The JSON Schema of the value; `says` contains the remaining constraints in words. */
  toSchema(): Record<string, JsonValue> {
    const { enum: values, ...keywords } = this.#keywords;
    const listed = (values as JsonValue[] | undefined) ?? [];
    const types = this.#type === null ? [...new Set(listed.map(typeOf))] : [this.#type];
    return {
      ...(types.length === 0 ? {} : { type: types.length === 1 ? (types[0] ?? null) : types }),
      ...(listed.length === 0
        ? {}
        : listed.length === 1
          ? { const: listed[0] ?? null }
          : { enum: listed }),
      ...keywords,
      ...(this.#says.length === 0 ? {} : { says: this.#says }),
    };
  }

  #merge(keyword: string, value: JsonValue): void {
    const earlier = this.#keywords[keyword];
    const merged = earlier === undefined ? value : merge(keyword, earlier, value);
    if (merged !== undefined) this.#keywords[keyword] = merged;
    else this.#says.push(phrase(keyword, value));
  }
}

function merge(keyword: string, earlier: JsonValue, value: JsonValue): JsonValue | undefined {
  if (Array.isArray(earlier) && Array.isArray(value))
    return earlier.filter((entry) => value.includes(entry));
  if (typeof earlier === 'number' && typeof value === 'number' && keyword !== 'multipleOf')
    return /min/i.test(keyword) ? Math.max(earlier, value) : Math.min(earlier, value);
  return earlier === value ? value : undefined;
}

function narrower(a: JsonType, b: JsonType): JsonType | null {
  if (a === b) return a;
  const isNumeric = [a, b].every((type) => type === 'number' || type === 'integer');
  return isNumeric ? 'integer' : null;
}
