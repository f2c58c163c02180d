import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ThreadService } from './thread-service.js';

/** A server that accepts requests. */
export interface RunningServer {
  readonly url: string;
  /** Stops accepting requests, and ends the turns. */
  close(): Promise<void>;
}

/** Stops accepting connections, and ends the turns; the event streams end with them. */
export async function shutDown(server: Server, service: ThreadService): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  await service.close();
  server.closeIdleConnections();
  await closed;
}

export function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
