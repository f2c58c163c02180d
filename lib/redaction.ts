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

/**
 * Reads a credential that a user gave, as a string or as a {@link Secret} of any copy of this package.
 *
 * @returns the secret, or what is wrong with the input
 * @internal
 */
export function readSecret(value: unknown, minLength: number): Secret | string {
  const plain = isSecret(value) ? value.reveal() : value;
  if (typeof plain !== 'string')
    return `must be a string or a Secret, got a value of type ${typeof plain}`;
  if (plain === '') return 'must not be empty';
  if (plain === mask) return 'is the mask of a secret, not a secret';
  if (/\s/.test(plain)) return 'must not contain white space';
  if (plain.length < minLength) return `must have at least ${minLength} characters`;
  return value instanceof Secret ? value : new Secret(plain);
}

function isSecret(value: unknown): value is Pick<Secret, 'reveal'> {
  if (value instanceof Secret) return true;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as Partial<Secret>).reveal === 'function';
}

/** Shapes of credentials that are hidden even when nobody told us their value. */
const credentialShapes = [
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\b(?<scheme>Bearer)\s+[A-Za-z0-9._~+/=-]{8,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/g,
  // Our own continuation tokens: who has one can resume the thread.
  /\bct\d+[us]\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g,
];

/** Hides known secrets, and what looks like a credential, in any text or JSON value that leaves the library. */
export class Redactor {
  readonly #secrets: Set<string>;

  constructor(secrets: Iterable<Secret> = []) {
    this.#secrets = new Set(
      [...secrets].map((secret) => secret.reveal()).filter((value) => value !== ''),
    );
  }

  /** Hides one more secret from now on. */
  learn(secret: Secret): void {
    if (secret.reveal() !== '') this.#secrets.add(secret.reveal());
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
