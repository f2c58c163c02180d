import type { JsonValue } from '../protocol/index.js';

/** Thrown by what carries a request out: the JSON-RPC error to answer with. @internal */
export class FaultyRefusal extends Error {
  /** The JSON-RPC code. */
  readonly code: number;
  /** The `data` of the error, or undefined. */
  readonly data: JsonValue | undefined;

  constructor(message: string, code = -32600, data?: JsonValue) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
