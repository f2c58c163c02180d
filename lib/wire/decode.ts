import { CodexError, TransportError, ValidationError } from '../errors.js';
import { UnsupportedCodexError } from './unsupported-codex-error.js';
import { isRecord } from '../shapes.js';
import { isTestedCodexVersion, testedRange } from '../version.js';

/**
 * Reads an answer of codex-rs. The server is null where it is not known.
 *
 * @throws {@link UnsupportedCodexError} for an answer without what the protocol promises, from a codex-rs of another version;
 * from a tested one {@link TransportError} `malformed-message`
 */
export function decode<T>(method: string, read: () => T, server: Versioned | null): T {
  try {
    return read();
  } catch (cause) {
    if (CodexError.is(cause) && !ValidationError.is(cause)) throw cause;
    if (server !== null && !isTestedCodexVersion(server.codexVersion))
      throw unsupported(server, `a readable answer to ${method}${problemsIn(cause)}`, cause);
    const detail = ValidationError.is(cause) ? ` ${cause.message}` : '';
    throw new TransportError(
      `codex-rs answered ${method} in a form that this version does not understand.${detail}`,
      { code: 'malformed-message', retryable: false, cause },
    );
  }
}

/** The error for something that a codex-rs of another version lacks. */
export function unsupported(
  { codexVersion }: Versioned,
  missing: string,
  cause?: unknown,
): UnsupportedCodexError {
  return new UnsupportedCodexError({ codexVersion, testedVersions: testedRange, missing, cause });
}

function problemsIn(cause: unknown): string {
  if (!ValidationError.is(cause)) return '';
  return ` (${cause.problems.map(({ path, reason }) => `${path} ${reason}`).join(', ')})`;
}

/** A codex-rs whose version can be asked for. */
export interface Versioned {
  readonly codexVersion: string | null;
}

/** An object that the protocol promises. */
export function record(value: unknown): object {
  if (isRecord(value)) return value;
  throw new TypeError(`Expected an object, got ${JSON.stringify(value)}.`);
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
