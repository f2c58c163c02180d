import { once } from 'node:events';
import { WebSocketServer, type WebSocket } from 'ws';
import type { JsonValue } from '../../lib/protocol/index.js';

/** A message of the client. */
export interface Asked {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: JsonValue;
}

/** A WebSocket server whose answers a spec defines, for behavior that the real codex-rs does not show on demand. */
export class RawServer {
  readonly #server: WebSocketServer;
  /** The messages of all clients so far. */
  readonly asked: Asked[] = [];
  /** The headers of every handshake. */
  readonly handshakes: NodeJS.Dict<string | string[]>[] = [];

  private constructor(
    server: WebSocketServer,
    answer: (asked: Asked, socket: WebSocket, server: RawServer) => void,
  ) {
    this.#server = server;
    server.on('connection', (socket, { headers }) => {
      this.handshakes.push(headers);
      socket.on('error', () => undefined);
      socket.on('message', (data) => {
        const asked = JSON.parse((data as Buffer).toString()) as Asked;
        this.asked.push(asked);
        answer(asked, socket, this);
      });
    });
  }

  /** Listens on its own port. */
  static async start(
    answer: (asked: Asked, socket: WebSocket, server: RawServer) => void,
  ): Promise<RawServer> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    return new RawServer(server, answer);
  }

  get url(): string {
    const address = this.#server.address();
    return `ws://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A minimal reply to `initialize`. */
export const greeting = {
  userAgent: 'codex-threads/0.171.0 (Linux) spec',
  codexHome: '/nowhere',
  platformFamily: 'unix',
  platformOs: 'linux',
};

/** Sends a reply. */
export function reply(socket: WebSocket, { id }: Asked, result: unknown): void {
  socket.send(JSON.stringify({ id, result }));
}
