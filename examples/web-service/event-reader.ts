import type { ReadableStream } from 'node:stream/web';
import type { FeedMessage } from './turn-feed.js';

/** A message with the id to send as `Last-Event-ID`. */
export type NumberedMessage = FeedMessage & { readonly eventId: string };

/** Reads server-sent events in a program. A browser has `EventSource`. */
export class EventReader {
  readonly #chunks: AsyncIterator<Uint8Array, unknown>;
  readonly #decoder = new TextDecoder();
  #text = '';

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Returns the next message, or null at the end. */
  async next(): Promise<NumberedMessage | null> {
    for (;;) {
      const [, eventId, data] = /^id: (.*)\ndata: (.*)$/.exec(this.#block() ?? '') ?? [];
      if (eventId !== undefined && data !== undefined)
        return { ...(JSON.parse(data) as FeedMessage), eventId };
      if (this.#text.includes('\n\n')) continue;
      const chunk = await this.#chunks.next();
      if (chunk.done === true) return null;
      this.#text += this.#decoder.decode(chunk.value, { stream: true });
    }
  }

  /** Returns the next message of a type. */
  async until<Type extends FeedMessage['type']>(
    type: Type,
  ): Promise<Extract<NumberedMessage, { type: Type }>> {
    for (;;) {
      const message = await this.next();
      if (message === null) throw new Error(`The stream ended before ${type}.`);
      if (message.type === type) return message as Extract<NumberedMessage, { type: Type }>;
    }
  }

  /** Returns the types of all messages to the end. */
  async rest(): Promise<readonly NumberedMessage[]> {
    const messages: NumberedMessage[] = [];
    for (let last = await this.next(); last !== null; last = await this.next()) messages.push(last);
    return messages;
  }

  /** Disconnects. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #block(): string | undefined {
    const end = this.#text.indexOf('\n\n');
    if (end < 0) return undefined;
    const block = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 2);
    return block;
  }
}
