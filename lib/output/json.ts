import type { OutputOutcome } from './output-format.js';

const maxTextLength = 16 * 1024 * 1024;
const maxShownLength = 80;

/**
 * Parses a text as JSON. Accepts white space, a byte order mark and one surrounding Markdown fence: strict mode never
 * writes a fence, but providers without strict mode do. Rejects other text around the value.
 *
 * @internal
 */
export function readJson(text: string): OutputOutcome<unknown> {
  if (text.length > maxTextLength)
    return refused(`is too long: ${text.length} characters (limit: ${maxTextLength})`);
  const bare = withoutFence(text.trim());
  if (bare === '') return refused('is empty, expected JSON');
  try {
    return { ok: true, value: JSON.parse(bare) as unknown };
  } catch (error) {
    return refused(`is not JSON (${(error as Error).message}), got ${shown(text)}`);
  }
}

/**
 * A value as shown in a message: JSON, truncated to one line.
 *
 * @internal
 */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = jsonOf(value) ?? typeof value;
  return text.length <= maxShownLength ? text : `${text.slice(0, maxShownLength)}…`;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // A bigint, a cycle, or data nested too deeply for the stack.
    return undefined;
  }
}

function withoutFence(text: string): string {
  if (!text.startsWith('```') || !text.endsWith('```')) return text;
  const head = /^```(?:json)?[^\S\n]*\n/i.exec(text);
  return head === null ? text : text.slice(head[0].length, -3).trim();
}

function refused(reason: string): OutputOutcome<never> {
  return { ok: false, problems: [{ path: '', reason }] };
}
