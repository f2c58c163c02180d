import { Redactor, Secret, shortestSecret } from '../../redaction.js';
import { hasDelta } from '../../turn/merged-events.js';
import type { TranscriptMessage } from './transcript.js';

const mask = '[redacted]';

/** Fields of the protocol that contain a credential or identify a person. */
const secretField =
  /^(apiKey|accessToken|refreshToken|idToken|authUrl|verificationUrl|userCode|email|chatgptAccountId)$/;

const shapes = new Redactor();

/**
 * Removes secrets from a recording: the keys of the client, environment variables with secret-looking names, the user's
 * list, and anything that looks like a credential; as plain text, and encoded as JSON, URL or base64. Field names stay.
 *
 * @internal
 */
export class TranscriptRedactor {
  readonly #named: Redactor;
  readonly #found: readonly Redactor[];

  /**
   * @param client - hides the keys of the client
   * @param named - the user's list, hidden everywhere
   * @param found - values from the environment, which may also be ordinary words
   */
  constructor(client: Redactor, named: Iterable<string>, found: Iterable<string>) {
    this.#named = redactorOf(named);
    this.#found = [redactorOf(found), client];
  }

  /** Returns the messages without secrets, including secrets split across deltas. */
  redact(messages: readonly TranscriptMessage[]): TranscriptMessage[] {
    return this.#joinTorn(messages).map((message) => this.#value(message, '') as TranscriptMessage);
  }

  #text(text: string): string {
    return this.#found.reduce(
      (clean, redactor) => redactor.redact(clean),
      this.#named.redact(text),
    );
  }

  #value(value: unknown, key: string): unknown {
    if (typeof value === 'string') {
      if (secretField.test(key)) return mask;
      return /base64$/i.test(key) ? this.#encoded(value) : this.#field(value);
    }
    if (Array.isArray(value)) return value.map((entry) => this.#value(entry, key));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [shapes.redact(name), this.#value(entry, name)]),
    );
  }

  #field(value: string): unknown {
    const text = this.#named.redact(value);
    return this.#found.reduce<unknown>((clean, redactor) => redactor.redactValue(clean), text);
  }

  #encoded(base64: string): string {
    const plain = Buffer.from(base64, 'base64').toString('utf8');
    const clean = this.#text(plain);
    return clean === plain ? base64 : Buffer.from(clean).toString('base64');
  }

  /** A secret may be split across deltas: the whole text is then sent with the first of them. */
  #joinTorn(messages: readonly TranscriptMessage[]): TranscriptMessage[] {
    const joined = [...messages];
    const streams = new Map<string, { index: number; params: { delta: string } }[]>();
    for (const [index, { server }] of messages.entries()) {
      const params = server?.params;
      if (!hasDelta(params)) continue;
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

function redactorOf(secrets: Iterable<string>): Redactor {
  const long = [...secrets].filter((text) => text.length >= shortestSecret);
  return new Redactor(long.flatMap(formsOf).map((form) => new Secret(form)));
}

function formsOf(secret: string): string[] {
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    // Without the part that depends on the following text.
    Buffer.from(secret)
      .toString('base64')
      .replace(/.?.?=*$/, ''),
  ];
}
