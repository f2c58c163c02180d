import { CodexError, TransportError, ValidationError } from '../errors.js';
import { UnsupportedCodexError } from './unsupported-codex-error.js';
import { isRecord } from '../shapes.js';
import { isTestedCodexVersion, testedRange } from '../version.js';

/**
 * Reads a reply of codex-rs. The server is null if unknown.
 *
 * @throws {@link UnsupportedCodexError} if a codex-rs of another version omits what the protocol requires;
 * {@link TransportError} `malformed-message` for a tested version
 */
export function decode<T>(method: string, read: () => T, server: Versioned | null): T {
  try {
    return read();
  } catch (cause) {
    if (CodexError.is(cause) && !ValidationError.is(cause)) throw cause;
    if (server !== null && !isTestedCodexVersion(server.codexVersion))
      throw unsupported(server, `a readable reply to ${method}${problemsIn(cause)}`, cause);
    const detail = ValidationError.is(cause) ? ` ${cause.message}` : '';
    throw new TransportError(
      `codex-rs sent a reply to ${method} that this version of codex-threads cannot read.${detail}`,
      { code: 'malformed-message', retryable: false, cause },
    );
  }
}

/** Creates the error for a feature that a codex-rs of another version lacks. */
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

/** A codex-rs with a version. */
export interface Versioned {
  readonly codexVersion: string | null;
}

/** Checks that a value is an object, as the protocol requires. */
export function record(value: unknown): object {
  if (isRecord(value)) return value;
  throw new TypeError(`Expected an object, got ${JSON.stringify(value)}.`);
}

/** Checks that a value is a string, as the protocol requires. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`Expected a string, got ${JSON.stringify(value)}.`);
}

/** Checks that a value is a list without holes, as the protocol requires. */
export function list<T>(value: readonly T[]): readonly T[] {
  if (Array.isArray(value) && !value.some((entry) => (entry ?? null) === null))
    return value as readonly T[];
  throw new TypeError(`Expected an array, got ${JSON.stringify(value)}.`);
}
