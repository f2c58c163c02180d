import { Deferred } from '../../deferred.js';
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
  #handlers: ConnectionHandlers | null = null;
  readonly #started = new Deferred();
  /** What the client has been told so far. */
  #told = this.#started.promise;
  #end: TransportError | null = null;
  #isClosed = false;

  constructor(server: InMemoryServer) {
    this.#server = server;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.#started.resolve();
  }

  async send(line: string): Promise<void> {
    if (this.#end) throw this.#end;
    void Promise.resolve().then(() => {
      if (!this.#end) this.#server.receive(line);
    });
    return Promise.resolve();
  }

  /** Does nothing: memory keeps no process alive. */
  setReferenced = (): void => undefined;

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.end();
    this.finish(new TransportError('The in-memory link was closed.', { code: 'closed' }));
    await Promise.resolve();
  }

  /** One line of the server. */
  deliver(line: string): void {
    if (!this.#end) this.#tell(() => this.#handlers?.onLine(line));
  }

  /** The server is gone: after what it said, the client hears of its end. */
  finish(error: TransportError): void {
    if (this.#end) return;
    this.#end = error;
    this.#tell(() => this.#handlers?.onClose(error));
  }

  #tell(event: () => void): void {
    this.#told = this.#told.then(event);
  }
}
