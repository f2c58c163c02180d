import { inspect } from 'node:util';
import { isSecretName } from './secret-name.js';

const mask = '[redacted]';

/**
 * A string that is never printed: `toString`, `JSON.stringify` and `util.inspect` return `[redacted]`.
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

  /** The plain value. Call this only where the value is sent. */
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
 * Reads a credential from a user: a string, or a {@link Secret} of any copy of this package. Trims surrounding white
 * space, such as the line end of a file.
 *
 * @returns the secret, or the problem with the input
 * @internal
 */
export function readSecret(value: unknown, minLength: number): Secret | string {
  const given = isSecret(value) ? value.reveal() : value;
  if (typeof given !== 'string')
    return `must be a string or a Secret, got a value of type ${typeof given}`;
  const plain = given.trim();
  if (plain === '') return 'must not be empty';
  if (plain === mask) return 'is the text "[redacted]": pass the secret itself';
  const flaw = flawOfSecret(plain);
  if (flaw !== null) return flaw;
  if (plain.length < minLength) return `must have at least ${minLength} characters`;
  return value instanceof Secret && plain === given ? value : new Secret(plain);
}

/**
 * Why a text cannot be sent as a credential, or null. codex-rs drops values that are not valid in an HTTP header.
 *
 * @internal
 */
export function flawOfSecret(plain: string): string | null {
  if (/\s/.test(plain)) return 'must not contain white space';
  return /\p{Cc}/u.test(plain) ? 'must not contain control characters' : null;
}

function isSecret(value: unknown): value is Pick<Secret, 'reveal'> {
  if (value instanceof Secret) return true;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as Partial<Secret>).reveal === 'function';
}

/** A shorter secret is a placeholder, such as the `x` or `test` given to a local provider. @internal */
export const shortestSecret = 8;

/** A longer placeholder, such as `lm-studio`. Such words also occur in the fields of an object for other reasons. */
const plainWord = /^(?=.{1,15}$)[a-z]+(?:[-_.][a-z]+)*$/i;

/** Shapes of credentials, hidden even if the value is unknown. */
const credentialShapes = [
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\b(?<scheme>Bearer)\s+[A-Za-z0-9._~+/=-]{8,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/g,
  // Continuation tokens of this library: they allow their bearer to resume the thread.
  /\bct\d+[us]\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g,
  // In a URL: a password, and the user part before the host.
  /(?<=:\/\/)[^\s/@:"']*:[^\s/@"']+(?=@)/g,
  /(?<=\bhttps?:\/\/)[^\s/@"'?#]+(?=@)/g,
];

/** A query parameter of a URL. */
const parameter = /(?<=[?&])(?<name>[\w.-]+)=[^&\s#"'<>`]+/g;

/** Hides known secrets, and anything that looks like a credential, in a text or a JSON value. */
export class Redactor {
  /** Longest first, because one secret may contain another. */
  #secrets: readonly string[] = [];

  constructor(secrets: Iterable<Secret> = []) {
    for (const secret of secrets) this.learn(secret);
  }

  /** Hides another secret from now on, unless it is too short. */
  learn(secret: Secret): void {
    const plain = secret.reveal();
    if (plain.length < shortestSecret || this.#secrets.includes(plain)) return;
    this.#secrets = [...this.#secrets, plain].sort((one, other) => other.length - one.length);
  }

  /** The text with every secret in it replaced by `[redacted]`. */
  redact(text: string): string {
    return hidden(text, this.#secrets);
  }

  /**
   * A copy of a JSON value with all texts redacted. Field names stay. A value that is a plain word, such as a status,
   * also stays, even if it equals a secret.
   */
  redactValue(value: unknown): unknown {
    if (typeof value === 'string')
      return /\s/.test(value) ? this.redact(value) : this.#field(value);
    if (Array.isArray(value)) return value.map((entry) => this.redactValue(entry));
    if (typeof value !== 'object' || value === null) return value;
    if (hasJson(value)) return this.redactValue(value.toJSON());
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [hidden(key), this.redactValue(entry)]),
    );
  }

  /** Whether the text contains a secret. A known placeholder does not count. */
  finds(text: string): boolean {
    return this.#field(text) !== text;
  }

  #field(text: string): string {
    return hidden(
      text,
      this.#secrets.filter((secret) => !plainWord.test(secret)),
    );
  }
}

function hidden(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, mask);
  for (const shape of credentialShapes) clean = clean.replace(shape, mask);
  return clean.replace(parameter, (whole, name: string) =>
    isSecretName(name) ? `${name}=${mask}` : whole,
  );
}

/** Objects with `toJSON`, such as a date or an error: their fields differ from their JSON form. */
function hasJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
