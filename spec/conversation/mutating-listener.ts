import { once } from 'node:events';
import { WebSocketServer, type WebSocket } from 'ws';
import { WebSocketTransport } from '../../lib/index.js';
import type { MutatingConnection } from './mutated-lines.js';

/** Links with mutated lines, each behind a WebSocket. */
export class MutatingListener {
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
  }

  static async start(link: () => MutatingConnection): Promise<MutatingListener> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    server.on('connection', (socket) => {
      pass(link(), socket);
    });
    await once(server, 'listening');
    return new MutatingListener(server);
  }

  /** A transport to this listener. */
  transport(): WebSocketTransport {
    const address = this.#server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    return new WebSocketTransport({ url: `ws://127.0.0.1:${port}`, reconnectMs: 100 });
  }

  /** Resolves when the other end has read every earlier message, and this end has read the replies. */
  async settled(): Promise<void> {
    await Promise.all(
      [...this.#server.clients].map(async (socket) => {
        if (socket.readyState !== socket.OPEN) return;
        await new Promise<void>((resolve) => {
          const done = (): void => {
            socket.off('pong', done).off('close', done);
            resolve();
          };
          socket.once('pong', done).once('close', done);
          socket.ping();
        });
      }),
    );
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function pass(link: MutatingConnection, socket: WebSocket): void {
  link.start({
    onLine: (line) => {
      socket.send(line, () => undefined);
    },
    onClose: () => {
      socket.terminate();
    },
  });
  socket.on('message', (data) => {
    link.send((data as Buffer).toString()).catch(() => undefined);
  });
  socket.on('close', () => {
    void link.close();
  });
  socket.on('error', () => undefined);
}
