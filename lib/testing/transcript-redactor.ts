import { Redactor, Secret } from '../redaction.js';
import type { JsonValue } from '../protocol/index.js';
import type { TranscriptMessage } from './transcript.js';

const mask = '[redacted]';
const shortestSecret = 8;

/** Variables that hold a secret, as far as their names tell. */
const secretName = /key|token|secret|passw|credential|auth|private|cookie|database_url|dsn/i;

/** Fields of the protocol that hold a credential, or say who somebody is. */
const secretFields = new Set([
  'apiKey',
  'accessToken',
  'refreshToken',
  'idToken',
  'authUrl',
  'verificationUrl',
  'userCode',
  'email',
  'chatgptAccountId',
]);

/**
 * Takes secrets out of a recording: keys of the client, variables of the environment whose names sound secret, what the user
 * named, and what looks like a credential; as they are, and as JSON, a URL or base64 has them.
 *
 * @internal
 */
export class TranscriptRedactor {
  readonly #redactors: readonly Redactor[];

  constructor(redactor: Redactor, secrets: Iterable<string>) {
    const forms = [...secrets].filter((text) => text.length >= shortestSecret).flatMap(formsOf);
    // One that holds another one goes first, so that none of it stays.
    forms.sort((one, other) => other.length - one.length);
    this.#redactors = [new Redactor(forms.map((form) => new Secret(form))), redactor];
  }

  /** What in an environment is to be kept secret. */
  static secretsIn(environment: Readonly<Record<string, string | undefined>>): string[] {
    return Object.entries(environment).flatMap(([name, value = '']) =>
      secretName.test(name) ? [value] : [],
    );
  }

  /** The messages without secrets, also those that come in pieces. */
  redact(messages: readonly TranscriptMessage[]): TranscriptMessage[] {
    return this.#joinTorn(messages).map((message) => this.#value(message, '') as TranscriptMessage);
  }

  #text(text: string): string {
    return this.#redactors.reduce((clean, redactor) => redactor.redact(clean), text);
  }

  #value(value: unknown, key: string): unknown {
    if (typeof value === 'string') {
      if (secretFields.has(key)) return mask;
      return /base64$/i.test(key) ? this.#encoded(value) : this.#text(value);
    }
    if (Array.isArray(value)) return value.map((entry) => this.#value(entry, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [this.#text(name), this.#value(entry, name)]),
    );
  }

  #encoded(base64: string): string {
    const plain = Buffer.from(base64, 'base64').toString('utf8');
    const clean = this.#text(plain);
    return clean === plain ? base64 : Buffer.from(clean).toString('base64');
  }

  /** A secret may be torn by the deltas it comes in: then all of the text goes with the first of them. */
  #joinTorn(messages: readonly TranscriptMessage[]): TranscriptMessage[] {
    const joined = [...messages];
    const streams = new Map<string, { index: number; params: Delta }[]>();
    for (const [index, { server }] of messages.entries()) {
      const params = server?.params;
      if (!isDelta(params)) continue;
      const { delta, ...rest } = params;
      const stream = JSON.stringify([server?.method, rest]);
      streams.set(stream, [...(streams.get(stream) ?? []), { index, params: { ...rest, delta } }]);
    }
    for (const pieces of streams.values()) {
      const text = pieces.map(({ params }) => params.delta).join('');
      const clean = this.#text(text);
      if (clean === text) continue;
      for (const [nth, { index, params }] of pieces.entries())
        joined[index] = {
          server: { ...messages[index]?.server, params: { ...params, delta: nth ? '' : clean } },
        };
    }
    return joined;
  }
}

type Delta = Readonly<Record<string, JsonValue>> & { readonly delta: string };

function isDelta(params: unknown): params is Delta {
  return (
    typeof params === 'object' &&
    params !== null &&
    'delta' in params &&
    typeof params.delta === 'string'
  );
}

function formsOf(secret: string): string[] {
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    // Without what depends on the text behind it.
    Buffer.from(secret)
      .toString('base64')
      .replace(/.?.?=*$/, ''),
  ];
}
