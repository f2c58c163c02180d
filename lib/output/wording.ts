import type { JsonValue } from '../protocol/index.js';
import type { SchemaNode } from './schema-node.js';

const phrases: Readonly<Record<string, (value: string) => string>> = {
  minimum: (value) => `at least ${value}`,
  maximum: (value) => `at most ${value}`,
  exclusiveMinimum: (value) => `greater than ${value}`,
  exclusiveMaximum: (value) => `less than ${value}`,
  multipleOf: (value) => `a multiple of ${value}`,
  minLength: (value) => `at least ${value} characters`,
  maxLength: (value) => `at most ${value} characters`,
  pattern: (value) => `matches /${value}/`,
  minItems: (value) => `at least ${value} items`,
  maxItems: (value) => `at most ${value} items`,
  uniqueItems: () => 'no duplicate items',
  minProperties: (value) => `at least ${value} properties`,
  maxProperties: (value) => `at most ${value} properties`,
  default: (value) => `defaults to ${value}`,
};

/**
 * Moves keywords that a reader would reject or ignore into the description, so that the model still sees them, and adds
 * constraints without a keyword (`says`).
 *
 * @internal
 */
export function worded(
  node: SchemaNode,
  isSpoken: (keyword: string, value: JsonValue) => boolean,
): SchemaNode {
  const kept: SchemaNode = {};
  const spoken: string[] = [];
  for (const [keyword, value] of Object.entries(node)) {
    if (value === undefined) continue;
    if (keyword === 'says') spoken.push(...(value as string[]));
    else if (isSpoken(keyword, value)) spoken.push(phrase(keyword, value));
    else kept[keyword] = value;
  }
  if (spoken.length === 0) return kept;
  const constraints = `Constraints: ${spoken.join('; ')}.`;
  const description = kept.description;
  return {
    ...kept,
    description: typeof description === 'string' ? `${description}\n${constraints}` : constraints,
  };
}

/** A keyword and its value in words, such as `at least 3 characters`. @internal */
export function phrase(keyword: string, value: JsonValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return phrases[keyword]?.(text) ?? `${keyword} ${text}`;
}
