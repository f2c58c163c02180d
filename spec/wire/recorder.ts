import type { Connection, ConnectionHandlers } from '../../lib/transport/connection.js';
import type { TransportError } from '../../lib/errors.js';

/** Starts a transport and records its output. */
export class Recorder implements ConnectionHandlers {
  readonly lines: string[] = [];
  readonly errors: TransportError[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(transport: Connection) {
    transport.start(this);
  }

  onLine(line: string): void {
    this.lines.push(line);
    this.#wake();
  }

  onClose(error: TransportError): void {
    this.errors.push(error);
    this.#wake();
  }

  /** The line with this index, when it arrives. */
  async line(index: number): Promise<string> {
    return this.#until(() => this.lines[index]);
  }

  /** Why the transport ended, when it does. */
  async end(): Promise<TransportError> {
    return this.#until(() => this.errors[0]);
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}
