import { Deferred } from '../../deferred.js';
import { TransportError } from '../../errors.js';
import type { Connection, ConnectionHandlers } from '../../transport/connection.js';

/** The other end of an {@link InMemoryConnection}. */
export interface InMemoryServer {
  /** Called with one line of the client. */
  receive(line: string): void;
  /** Called when the client has closed the connection. */
  end(): void;
}

/**
 * A `Connection` without a process: lines go to a server object and come from {@link InMemoryConnection.deliver}.
 *
 * Both directions are ordered and never re-entrant: a sender returns before the other side receives the line. No timers
 * are used.
 */
export class InMemoryConnection implements Connection {
  readonly #server: InMemoryServer;
  #handlers: ConnectionHandlers | null = null;
  readonly #started = new Deferred();
  /** Settles when the client has received everything so far. */
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

  /** Does nothing: memory does not keep a process alive. */
  setReferenced = (): void => undefined;

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.end();
    this.finish(new TransportError('The in-memory connection was closed.', { code: 'closed' }));
    await Promise.resolve();
  }

  /** Delivers one line of the server. */
  deliver(line: string): void {
    if (!this.#end) this.#tell(() => this.#handlers?.onLine(line));
  }

  /** Ends the server: the client receives the remaining lines, then the close. */
  finish(error: TransportError): void {
    if (this.#end) return;
    this.#end = error;
    this.#tell(() => this.#handlers?.onClose(error));
  }

  #tell(event: () => void): void {
    this.#told = this.#told.then(event);
  }
}
