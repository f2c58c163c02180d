import type { RequestId } from '../protocol/index.js';
import { isRecord } from '../shapes.js';

/** The reply to a call: a result or an error. */
export interface IncomingReply {
  readonly id: RequestId;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A message from the other side. A request has an id; a notification does not. */
export type Message =
  | IncomingReply
  | { readonly id: RequestId | undefined; readonly method: string; readonly params: unknown };

/** The message in a line, or null if the line is not a message. */
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
  // Some servers write both, with a null error next to the result.
  return error === null && result !== undefined ? { id, result } : { id, result, error };
}

/**
 * The line for a message. An unpaired surrogate, for example from a text cut in the middle of an emoji, is replaced by
 * U+FFFD: codex-rs cannot parse a line with one and would never reply to it.
 */
export function lineOf(message: object): string {
  const line = JSON.stringify(message);
  if (!line.includes(String.raw`\ud`)) return line;
  return line.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (found) =>
    found.startsWith(String.raw`\u`) ? String.raw`\ufffd` : found,
  );
}

/** Whether the message is a reply to a call. */
export function isReply(message: Message): message is IncomingReply {
  return !('method' in message);
}
