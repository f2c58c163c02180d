import type { RequestId } from '../protocol/index.js';
import { isRecord } from '../shapes.js';

/** The answer to a call: a result or an error. */
export interface IncomingReply {
  readonly id: RequestId;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A message of the other side. A request has an id, a notification has none. */
export type Message =
  | IncomingReply
  | { readonly id: RequestId | undefined; readonly method: string; readonly params: unknown };

/** The message a line carries, or null when it carries none. */
export function parseMessage(line: string): Message | null {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(message)) return null;
  const { id, method, params, result, error } = message;
  const hasId = typeof id === 'string' || typeof id === 'number';
  if (typeof method === 'string')
    return hasId || id === undefined ? { id: hasId ? id : undefined, method, params } : null;
  if (!hasId || (!('result' in message) && error === undefined)) return null;
  // Some servers write both, with a null error beside a result.
  return error === null && result !== undefined ? { id, result } : { id, result, error };
}

/**
 * The line that carries a message. Half of a surrogate pair, as of a text cut in the middle of an emoji, goes as U+FFFD:
 * codex-rs understands no line with such a half, and would never answer it.
 */
export function lineOf(message: object): string {
  const line = JSON.stringify(message);
  if (!line.includes(String.raw`\ud`)) return line;
  return line.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (found) =>
    found.startsWith(String.raw`\u`) ? String.raw`\ufffd` : found,
  );
}

/** Whether it answers a call. */
export function isReply(message: Message): message is IncomingReply {
  return !('method' in message);
}
