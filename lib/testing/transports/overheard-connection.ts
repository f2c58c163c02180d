import type { Transport, TransportHandlers } from '../../app-server/transport.js';
import type { TransportError } from '../../errors.js';

/** Takes in what goes over a link. @internal */
export interface Listener {
  /** One line of either side. */
  hear(from: 'client' | 'server', line: string): void;
  /** The link is gone. */
  end(error: TransportError): void;
}

/** Passes every line of a connection on unchanged, and to a listener. @internal */
export class OverheardConnection implements Transport {
  readonly #inner: Transport;
  readonly #listener: Listener;

  constructor(inner: Transport, listener: Listener) {
    this.#inner = inner;
    this.#listener = listener;
  }

  /** @inheritDoc */
  get pid(): number | null {
    return this.#inner.pid ?? null;
  }

  /** @inheritDoc */
  start(handlers: TransportHandlers): void {
    this.#inner.start({
      onLine: (line) => {
        this.#listener.hear('server', line);
        handlers.onLine(line);
      },
      onClose: (error) => {
        this.#listener.end(error);
        handlers.onClose(error);
      },
    });
  }

  /** @inheritDoc */
  async send(line: string): Promise<void> {
    this.#listener.hear('client', line);
    return this.#inner.send(line);
  }

  /** @inheritDoc */
  setReferenced(isReferenced: boolean): void {
    this.#inner.setReferenced(isReferenced);
  }

  /** @inheritDoc */
  async close(): Promise<void> {
    return this.#inner.close();
  }
}
