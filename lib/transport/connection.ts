import type { TransportError } from '../errors.js';

/** What a {@link Connection} tells its owner. */
export interface ConnectionHandlers {
  /** One whole line, without its line end. */
  onLine(line: string): void;
  /** The link is gone; called exactly once, after the last line. */
  onClose(error: TransportError): void;
}

/** Carries lines of text to and from one codex app-server: a process over stdio, or a pair in memory. */
export interface Connection {
  /** The number of the process at the other end; null or absent without one. */
  readonly pid?: number | null;
  /** Begins to deliver lines. Nothing that arrives earlier is lost. */
  start(handlers: ConnectionHandlers): void;
  /** Writes one line; resolves once the other side's buffer took it, rejects with a `TransportError` when it cannot. */
  send(line: string): Promise<void>;
  /** Keeps the host process alive (`true`) or lets it exit (`false`) while this link is open. */
  setReferenced(isReferenced: boolean): void;
  /** Ends the link and all that belongs to it; resolves when nothing is left. Idempotent. */
  close(): Promise<void>;
}
