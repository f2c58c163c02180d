import { styleText } from 'node:util';
import { plainText } from './plain-text.js';

/** The text styles of commands. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'magenta';

/** The output of a command: results go to the standard output, everything else to the standard error. */
export class Terminal {
  readonly #output: NodeJS.WriteStream;
  readonly #errors: NodeJS.WriteStream;
  readonly #hasColors: boolean;

  constructor(
    output: NodeJS.WriteStream,
    errors: NodeJS.WriteStream,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#output = output;
    this.#errors = errors;
    this.#hasColors = hasColors(output, environment);
  }

  /** The width of the output; unlimited in a pipe. */
  get columns(): number {
    return this.#output.columns || Infinity;
  }

  /** Calls the listener when the reader closes the output, as `head` does. */
  onReaderGone(listener: () => void): void {
    for (const stream of [this.#output, this.#errors])
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
        listener();
      });
  }

  /** Writes a line of the result. */
  line(text = ''): void {
    this.#output.write(`${text}\n`);
  }

  /** Writes a line that is not part of the result. */
  note(text: string): void {
    this.#errors.write(`${text}\n`);
  }

  /** Sanitises an external text and applies the style. */
  styled(style: Style | readonly Style[], text: string): string {
    const plain = plainText(text);
    if (!this.#hasColors || plain === '') return plain;
    const styles = typeof style === 'string' ? [style] : [...style];
    return styleText(styles, plain, { validateStream: false });
  }
}

/** Follows Node: `FORCE_COLOR`, else `NO_COLOR`, else whether the output is a terminal. */
function hasColors(
  output: NodeJS.WriteStream,
  { FORCE_COLOR: force, NO_COLOR: no, TERM: kind }: Readonly<Record<string, string | undefined>>,
): boolean {
  if (force !== undefined) return !['0', 'false'].includes(force);
  if (no !== undefined && no !== '') return false;
  return output.isTTY && kind !== 'dumb';
}
