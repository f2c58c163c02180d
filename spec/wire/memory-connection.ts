import type { Connection, ConnectionHandlers } from '../../lib/transport/connection.js';
import { TransportError } from '../../lib/errors.js';

/** A transport whose other side is the spec. */
export class MemoryConnection implements Connection {
  readonly sent: Record<string, unknown>[] = [];
  readonly references: boolean[] = [];
  closeCalls = 0;
  /** The behavior of `send`; accepts every line by default. */
  accept: (line: string) => Promise<void> = async () => Promise.resolve();
  #handlers: ConnectionHandlers | null = null;
  #isOver = false;

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
  }

  async send(line: string): Promise<void> {
    this.sent.push(JSON.parse(line) as Record<string, unknown>);
    await this.accept(line);
  }

  setReferenced(isReferenced: boolean): void {
    this.references.push(isReferenced);
  }

  async close(): Promise<void> {
    this.closeCalls += 1;
    this.break(new TransportError('closed', { code: 'closed' }));
    return Promise.resolve();
  }

  /** Delivers a message, or a raw line, from the other side. */
  say(message: object | string): void {
    this.#handlers?.onLine(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Closes the connection. */
  break(error: TransportError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handlers?.onClose(error);
  }
}
