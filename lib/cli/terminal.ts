import { styleText } from 'node:util';
import { plainText } from './plain-text.js';

/** The looks that commands use. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'magenta';

/** Where a command writes: results to the standard output, all else to the standard error. */
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

  /** Calls the listener when the reader of the output is gone, such as `head`. */
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

  /** A foreign text, harmless and in this look. */
  styled(style: Style | readonly Style[], text: string): string {
    const plain = plainText(text);
    if (!this.#hasColors || plain === '') return plain;
    const styles = typeof style === 'string' ? [style] : [...style];
    return styleText(styles, plain, { validateStream: false });
  }
}

/** As Node decides: `FORCE_COLOR`, else `NO_COLOR`, else whether a person reads. */
function hasColors(
  output: NodeJS.WriteStream,
  { FORCE_COLOR: force, NO_COLOR: no, TERM: kind }: Readonly<Record<string, string | undefined>>,
): boolean {
  if (force !== undefined) return !['0', 'false'].includes(force);
  if (no !== undefined && no !== '') return false;
  return output.isTTY && kind !== 'dumb';
}
