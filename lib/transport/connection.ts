import type { TransportError } from '../errors.js';

/** Callbacks of a {@link Connection}. */
export interface ConnectionHandlers {
  /** Called with a complete line, without its line end. */
  onLine(line: string): void;
  /** Called exactly once when the connection is closed, after the last line. */
  onClose(error: TransportError): void;
}

/** Carries lines of text to and from one codex app-server: a process over stdio, or a pair in memory. */
export interface Connection {
  /** The id of the process at the other end; null or absent if there is none. */
  readonly pid?: number | null;
  /** Starts delivering lines. Lines that arrived earlier are not lost. */
  start(handlers: ConnectionHandlers): void;
  /**
   * Writes one line. Resolves when the buffer of the other side has accepted it; rejects with a `TransportError`
   * otherwise.
   */
  send(line: string): Promise<void>;
  /** Keeps the host process alive (`true`) or lets it exit (`false`) while this connection is open. */
  setReferenced(isReferenced: boolean): void;
  /** Closes the connection and everything that belongs to it; resolves when all processes have exited. Idempotent. */
  close(): Promise<void>;
}
