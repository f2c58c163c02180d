import { TransportError } from '../errors.js';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const longestRest = 4096;

/** Splits a stream of bytes into lines. Each byte is inspected once and copied once, regardless of the chunks. */
export class JsonLines {
  readonly #maxFrameBytes: number;
  #parts: Buffer[] = [];
  #size = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /**
   * The lines that the chunk completes, in order, without line ends and blank lines. Must be consumed completely before
   * the next chunk.
   *
   * @throws {@link TransportError} `frame-too-large`, after the lines before the oversized one
   */
  *feed(chunk: Buffer): Generator<string, void> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      this.#count((end < 0 ? chunk.length : end) - start);
      if (end < 0) {
        if (start < chunk.length) this.#parts.push(chunk.subarray(start));
        return;
      }
      // Usually the whole line is in the chunk, so it does not have to be copied.
      const line =
        this.#parts.length === 0
          ? decoded(chunk, start, end)
          : this.#joined(chunk.subarray(start, end));
      this.#size = 0;
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
  }

  /** The incomplete line at the end of the stream; empty if there is none or if it is long. */
  rest(): string {
    return this.#size > longestRest ? '' : this.#joined(Buffer.alloc(0));
  }

  #count(bytes: number): void {
    this.#size += bytes;
    if (this.#size > this.#maxFrameBytes)
      throw new TransportError(
        `codex-rs sent a line of more than ${this.#maxFrameBytes} bytes (maxFrameBytes). Raise maxFrameBytes if such lines are expected.`,
        { code: 'frame-too-large' },
      );
  }

  #joined(last: Buffer): string {
    const line = Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    return decoded(line, 0, line.length);
  }
}

function decoded(bytes: Buffer, start: number, end: number): string {
  const hasReturn = end > start && bytes[end - 1] === carriageReturn;
  return bytes.toString('utf8', start, hasReturn ? end - 1 : end);
}
