import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

/** Keeps the end of a process's standard error, in bounded memory. */
export class StderrTail {
  readonly #maxLength: number;
  readonly #decoder = new StringDecoder('utf8');
  #text = '';

  constructor(maxLength = 8192) {
    this.#maxLength = maxLength;
  }

  /** Adds output of the process. */
  push(chunk: Buffer): void {
    this.#text += this.#decoder.write(chunk);
    // Truncating only at twice the length keeps the cost linear for many small chunks.
    if (this.#text.length > 2 * this.#maxLength) this.#text = this.#text.slice(-this.#maxLength);
  }

  /** The last lines, without colors and other terminal codes. */
  get text(): string {
    const clean = stripVTControlCharacters(this.#text).trim();
    if (clean.length <= this.#maxLength) return clean;
    const tail = clean.slice(-this.#maxLength);
    return tail.slice(tail.indexOf('\n') + 1);
  }
}
