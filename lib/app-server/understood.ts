import { CodexError, TransportError } from '../errors.js';

/**
 * Reads an answer of codex-rs.
 *
 * @throws {@link TransportError} `malformed-message` instead of a `TypeError`, for an answer without what the protocol promises
 */
export function understood<T>(method: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (CodexError.is(cause)) throw cause;
    throw new TransportError(
      `codex-rs answered ${method} in a form that this version does not understand.`,
      { code: 'malformed-message', retryable: false, cause },
    );
  }
}

/** A text that the protocol promises. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`Expected a text, got ${JSON.stringify(value)}.`);
}

/** A list that the protocol promises, without holes. */
export function list<T>(value: readonly T[]): readonly T[] {
  if (Array.isArray(value) && !value.some((entry) => (entry ?? null) === null))
    return value as readonly T[];
  throw new TypeError(`Expected a list, got ${JSON.stringify(value)}.`);
}
