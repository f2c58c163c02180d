import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';
import { CodexError } from '../errors.js';
import type { Secret } from '../redaction.js';
import { canonicalId } from '../ids.js';

/** The content of a continuation token. */
export interface ContinuationClaims {
  /** The thread of the token. */
  readonly threadId: string;
  /** The thread's last turn when the token was issued, or null if it had none. */
  readonly turnId: string | null;
  /** The values that restore the thread's own settings: its sandbox, and those that the turn changed. */
  readonly baseline?: Readonly<Record<string, unknown>>;
}

/** The origin of a token. */
interface Origin {
  readonly isTrusted: boolean;
  readonly secret: Secret | undefined;
  readonly nextKey?: string | null;
  readonly write: () => string;
}

const version = 1;
const shape =
  /^ct(?<version>\d+)(?<kind>[us])\.(?<payload>[A-Za-z0-9_-]+)\.(?<seal>[A-Za-z0-9_-]+)$/;

/**
 * Records the position of a thread. Keep it as text (`String(token)` or `JSON.stringify`) and pass it to
 * `codex.resumeThread`: if turns were added, removed or replaced since, the thread is rejected instead of continued.
 *
 * The text is URL-safe and versioned. Damage is always detected; forgery is detected if a `continuationSecret` is set.
 *
 * @example
 * ```ts
 * const { continuation, turnId } = await codex.startThread().run('Write the migration');
 * const text = String(continuation);
 * console.log(ContinuationToken.decode(text).turnId === turnId); // true
 *
 * try {
 *   ContinuationToken.decode(text.replace('ct1u.', 'ct1u.x'));
 * } catch (error) {
 *   if (!CodexError.is(error)) throw error;
 *   console.log(error.code); // malformed-token
 * }
 * ```
 */
export class ContinuationToken {
  /** The thread of the token. */
  readonly threadId: string;
  /** The thread's last turn when the token was issued, or null if it had none. */
  readonly turnId: string | null;
  /** The values that restore the thread's own settings, or null if the token does not contain them. @internal */
  readonly baseline: Readonly<Record<string, unknown>> | null;
  /** Whether the token is authentic: created here, or with a verified signature. @internal */
  readonly isTrusted: boolean;
  /** The idempotency key of a turn that may have been added since, or null. @internal */
  readonly nextKey: string | null;
  readonly #secret: Secret | undefined;
  readonly #write: () => string;
  #text: string | null = null;

  private constructor(
    claims: ContinuationClaims,
    { isTrusted, secret, nextKey = null, write }: Origin,
  ) {
    this.threadId = canonicalId(claims.threadId);
    this.turnId = claims.turnId === null ? null : canonicalId(claims.turnId);
    this.baseline = claims.baseline ?? null;
    this.isTrusted = isTrusted;
    this.nextKey = nextKey;
    this.#secret = secret;
    this.#write = write;
    Object.freeze(this);
  }

  /** Creates a token; signed if there is a secret. @internal */
  static issue(claims: ContinuationClaims, secret?: Secret): ContinuationToken {
    // Sealed lazily: every turn issues a token, most are never read, and sealing would be a significant part of a
    // turn's cost here.
    const write = (): string => {
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
      const head = `ct${version}${secret === undefined ? 'u' : 's'}.${payload}`;
      return `${head}.${seal(head, secret)}`;
    };
    return new ContinuationToken(claims, { isTrusted: true, secret, write });
  }

  /**
   * Reads a token's text.
   *
   * @throws {@link CodexError} `malformed-token` if the text is damaged, of another version or not a token; `tampered`
   * if a secret is set and the token is unsigned or signed with another secret
   */
  static decode(text: string, secret?: Secret): ContinuationToken {
    const parts = shape.exec(text)?.groups;
    if (parts === undefined) throw malformed('it is not a continuation token');
    if (Number(parts.version) !== version)
      throw malformed(`it has version ${parts.version}, but this library reads version ${version}`);
    const isSigned = parts.kind === 's';
    if (secret !== undefined && !isSigned) throw tampered('it is not signed');
    if (secret === undefined && isSigned)
      throw tampered('it is signed, but no continuationSecret is set to verify it');
    const head = text.slice(0, text.lastIndexOf('.'));
    if (!isSame(parts.seal ?? '', seal(head, secret)))
      throw secret === undefined
        ? malformed('it is damaged: its checksum does not match')
        : tampered('its signature does not match');
    return new ContinuationToken(claimsIn(parts.payload ?? ''), {
      isTrusted: isSigned,
      secret,
      write: () => text,
    });
  }

  /** A copy that also accepts a turn with this idempotency key as the next turn. @internal */
  allowing(key: string): ContinuationToken {
    const { threadId, turnId, baseline } = this;
    const claims = { threadId, turnId, ...(baseline === null ? {} : { baseline }) };
    return new ContinuationToken(claims, {
      isTrusted: this.isTrusted,
      secret: this.#secret,
      nextKey: key,
      write: () => this.toString(),
    });
  }

  /** A token of the same thread that ends with another turn, signed with the same secret. @internal */
  endingWith(turnId: string | null): ContinuationToken {
    return ContinuationToken.issue({ threadId: this.threadId, turnId }, this.#secret);
  }

  /** The text to store. */
  toString(): string {
    return (this.#text ??= this.#write());
  }

  /** The text to store. */
  toJSON(): string {
    return this.toString();
  }

  /** @internal */
  [inspect.custom](): string {
    return 'ContinuationToken([redacted])';
  }
}

function seal(head: string, secret: Secret | undefined): string {
  const hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret.reveal());
  return hash
    .update(head)
    .digest()
    .subarray(0, secret === undefined ? 9 : 32)
    .toString('base64url');
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

function claimsIn(payload: string): ContinuationClaims {
  try {
    const claims = JSON.parse(
      Buffer.from(payload, 'base64url').toString(),
    ) as Partial<ContinuationClaims>;
    const { threadId, turnId, baseline } = claims;
    if (typeof threadId === 'string' && (typeof turnId === 'string' || turnId === null))
      return { threadId, turnId, ...(baseline === undefined ? {} : { baseline }) };
  } catch {
    // Falls through: the payload is not in the format of this version.
  }
  throw malformed('its content is not valid for this version');
}

function malformed(why: string): CodexError {
  return new CodexError(`The continuation token cannot be read: ${why}.`, {
    code: 'malformed-token',
  });
}

function tampered(why: string): CodexError {
  return new CodexError(`The continuation token cannot be trusted: ${why}.`, {
    code: 'tampered',
  });
}
