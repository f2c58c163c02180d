import type { JsonValue } from '../../protocol/index.js';
import { isPlainObject } from '../../shapes.js';

/** A JSON-RPC message. @internal */
export type WireMessage = Readonly<Record<string, JsonValue>>;

/** The message in a line, or null if the line is not a JSON object. @internal */
export function messageIn(line: string): WireMessage | null {
  try {
    const message: unknown = JSON.parse(line);
    return isPlainObject(message) ? (message as WireMessage) : null;
  } catch {
    return null;
  }
}
