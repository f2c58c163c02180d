import { inspect } from 'node:util';
import { isSecretName } from './secret-name.js';

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
 * Reads a credential that a user gave, as a string or as a {@link Secret} of any copy of this package. White space around
 * it, such as the line end of a file, is no part of it.
 *
 * @returns the secret, or what is wrong with the input
 * @internal
 */
export function readSecret(value: unknown, minLength: number): Secret | string {
  const given = isSecret(value) ? value.reveal() : value;
  if (typeof given !== 'string')
    return `must be a string or a Secret, got a value of type ${typeof given}`;
  const plain = given.trim();
  if (plain === '') return 'must not be empty';
  if (plain === mask) return 'is the mask of a secret, not a secret';
  const flaw = flawOfSecret(plain);
  if (flaw !== null) return flaw;
  if (plain.length < minLength) return `must have at least ${minLength} characters`;
  return value instanceof Secret && plain === given ? value : new Secret(plain);
}

/** What keeps a text from being sent as a credential, or null: codex-rs leaves out what no HTTP header can carry. @internal */
export function flawOfSecret(plain: string): string | null {
  if (/\s/.test(plain)) return 'must not contain white space';
  return /\p{Cc}/u.test(plain) ? 'must not contain control characters' : null;
}

function isSecret(value: unknown): value is Pick<Secret, 'reveal'> {
  if (value instanceof Secret) return true;
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as Partial<Secret>).reveal === 'function';
}

/** A secret that is shorter is a placeholder, such as the `x` or `test` that a local provider is given. @internal */
export const shortestSecret = 8;

/** A placeholder that is longer, such as `lm-studio`. The fields of an object have such words for other reasons. */
const plainWord = /^(?=.{1,15}$)[a-z]+(?:[-_.][a-z]+)*$/i;

/** Shapes of credentials that are hidden although their value is not known. */
const credentialShapes = [
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\b(?<scheme>Bearer)\s+[A-Za-z0-9._~+/=-]{8,}/g,
  /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/g,
  // Our own continuation tokens: who has one can resume the thread.
  /\bct\d+[us]\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g,
  // In an address: a password, and what stands before the host of a web address.
  /(?<=:\/\/)[^\s/@:"']*:[^\s/@"']+(?=@)/g,
  /(?<=\bhttps?:\/\/)[^\s/@"'?#]+(?=@)/g,
];

/** A parameter in the query of an address. */
const parameter = /(?<=[?&])(?<name>[\w.-]+)=[^&\s#"'<>`]+/g;

/** Hides known secrets, and what looks like a credential, in any text or JSON value that leaves the library. */
export class Redactor {
  /** The longest first: one may hold another. */
  #secrets: readonly string[] = [];

  constructor(secrets: Iterable<Secret> = []) {
    for (const secret of secrets) this.learn(secret);
  }

  /** Hides one more secret from now on, unless it is too short to be one. */
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
   * A copy of a JSON value in which every text is redacted. Names of fields stay, and so does a value that is a plain word,
   * such as a status, when the secret is one too.
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

  /** Whether a secret is in the text. A placeholder is none, even if it is known. */
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

/** A date, an error, a value of ours: its fields are not what it says of itself. */
function hasJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}
