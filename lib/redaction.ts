import { inspect } from 'node:util';

const mask = '[redacted]';

/**
 * A string that never shows itself: `toString`, `JSON.stringify` and `util.inspect` give `[redacted]`.
 *
 * @example
 * ```ts
 * const key = new Secret('sk-live-1234');
 * console.log(String(key), JSON.stringify({ key })); // [redacted] {"key":"[redacted]"}
 * console.log(key.reveal().length); // 12
 * ```
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The plain value. Call it where the value is sent, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  /** Always `[redacted]`. */
  toString(): string {
    return mask;
  }

  /** Always `[redacted]`. */
  toJSON(): string {
    return mask;
  }

  /** @internal */
  [inspect.custom](): string {
    return mask;
  }
}

/** Shapes of credentials that are hidden even when nobody told us their value. */
const credentialShapes = [
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\b(?<scheme>Bearer)\s+[A-Za-z0-9._~+/=-]{8,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/g,
];

/** Hides known secrets, and what looks like a credential, in any text or JSON value that leaves the library. */
export class Redactor {
  readonly #secrets: readonly string[];

  constructor(secrets: Iterable<Secret> = []) {
    this.#secrets = [...secrets].map((secret) => secret.reveal()).filter((value) => value !== '');
  }

  /** The text with every secret in it replaced by `[redacted]`. */
  redact(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, mask);
    for (const shape of credentialShapes) clean = clean.replace(shape, mask);
    return clean;
  }

  /** A copy of a JSON value in which every string is redacted. */
  redactValue(value: unknown): unknown {
    if (typeof value === 'string') return this.redact(value);
    if (Array.isArray(value)) return value.map((entry) => this.redactValue(entry));
    if (typeof value !== 'object' || value === null) return value;
    if (hasJson(value)) return this.redactValue(value.toJSON());
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [this.redact(key), this.redactValue(entry)]),
    );
  }
}

/** A date, an error, a value of ours: its fields are not what it says of itself. */
function hasJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
