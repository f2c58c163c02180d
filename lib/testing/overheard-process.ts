import type { Transport, TransportHandlers } from '../app-server/transport.js';
import type { TransportError } from '../errors.js';

/** Takes in what goes over a link. @internal */
export interface Listener {
  /** One line of either side. */
  hear(from: 'client' | 'server', line: string): void;
  /** The link is gone. */
  end(error: TransportError): void;
}

/** A link to a process that tells a listener of every line, and changes none. @internal */
export class OverheardProcess implements Transport {
  readonly #process: Transport;
  readonly #listener: Listener;

  constructor(process: Transport, listener: Listener) {
    this.#process = process;
    this.#listener = listener;
  }

  /** @inheritDoc */
  get pid(): number | null {
    return this.#process.pid ?? null;
  }

  /** @inheritDoc */
  get blankLines(): number {
    return this.#process.blankLines ?? 0;
  }

  /** @inheritDoc */
  start(handlers: TransportHandlers): void {
    this.#process.start({
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
    return this.#process.send(line);
  }

  /** @inheritDoc */
  setReferenced(isReferenced: boolean): void {
    this.#process.setReferenced(isReferenced);
  }

  /** @inheritDoc */
  async close(): Promise<void> {
    return this.#process.close();
  }
}
