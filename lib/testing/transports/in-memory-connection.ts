import { TransportError } from '../../errors.js';
import type { Connection, ConnectionHandlers } from '../../transport/connection.js';

/** What stands at the other end of an {@link InMemoryConnection}. */
export interface InMemoryServer {
  /** One line of the client. */
  receive(line: string): void;
  /** The client closed the link. */
  end(): void;
}

/**
 * A `Connection` without a process: lines go to a server object and come from {@link InMemoryConnection.deliver}.
 *
 * Both directions are in order and never re-enter: whoever sends has returned before the other side hears of it. No timer is used.
 */
export class InMemoryConnection implements Connection {
  readonly #server: InMemoryServer;
  readonly #events: (() => void)[] = [];
  #handlers: ConnectionHandlers | null = null;
  #partial = '';
  #isDelivering = false;
  #end: TransportError | null = null;
  #isClosed = false;

  constructor(server: InMemoryServer) {
    this.#server = server;
  }

  /** @inheritDoc */
  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.#flush();
  }

  /** @inheritDoc */
  async send(line: string): Promise<void> {
    if (this.#end) throw this.#end;
    void Promise.resolve().then(() => {
      if (!this.#end) this.#server.receive(line);
    });
    return Promise.resolve();
  }

  /** Does nothing: memory keeps no process alive. */
  setReferenced(): void {
    // Nothing here holds the event loop.
  }

  /** @inheritDoc */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.end();
    this.finish(new TransportError('The in-memory link was closed.', { code: 'closed' }));
    await Promise.resolve();
  }

  /** Text of the server: whole lines are delivered, the rest waits for its line end. */
  deliver(text: string): void {
    if (this.#end) return;
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#enqueue(() => this.#handlers?.onLine(line));
  }

  /** The server is gone: after what it said, the client hears of its end. */
  finish(error: TransportError): void {
    if (this.#end) return;
    this.#end = error;
    this.#enqueue(() => this.#handlers?.onClose(error));
  }

  #enqueue(event: () => void): void {
    this.#events.push(event);
    this.#flush();
  }

  #flush(): void {
    if (this.#isDelivering || !this.#handlers) return;
    this.#isDelivering = true;
    void Promise.resolve().then(() => {
      this.#isDelivering = false;
      for (let event = this.#events.shift(); event; event = this.#events.shift()) event();
    });
  }
}
