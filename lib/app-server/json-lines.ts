import { TransportError } from '../errors.js';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Cuts a stream of bytes into lines, whatever the chunks are: each byte is looked at once and copied once. */
export class JsonLines {
  readonly #maxFrameBytes: number;
  #parts: Buffer[] = [];
  #size = 0;
  #blankLines = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** How many blank lines were skipped so far. */
  get blankLines(): number {
    return this.#blankLines;
  }

  /**
   * The lines that the chunk completes, in order and without their line ends. Must be read to the end before the next chunk.
   *
   * @throws {@link TransportError} `frame-too-large`, after the lines before the one that is too long.
   */
  *feed(chunk: Buffer): Generator<string, void> {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(lineFeed, start);
      this.#hold(chunk.subarray(start, end < 0 ? chunk.length : end));
      if (end < 0) return;
      start = end + 1;
      const line = this.#take();
      if (line.trim() === '') this.#blankLines += 1;
      else yield line;
    }
  }

  #hold(part: Buffer): void {
    this.#size += part.length;
    if (this.#size > this.#maxFrameBytes)
      throw new TransportError(
        `codex-rs sent a line of more than ${this.#maxFrameBytes} bytes (maxFrameBytes). Raise the limit if such lines are expected.`,
        { code: 'frame-too-large' },
      );
    if (part.length > 0) this.#parts.push(part);
  }

  #take(): string {
    const parts = this.#parts;
    const line = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    this.#parts = [];
    this.#size = 0;
    const end = line[line.length - 1] === carriageReturn ? line.length - 1 : line.length;
    return line.toString('utf8', 0, end);
  }
}
