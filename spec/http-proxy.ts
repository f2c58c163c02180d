import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A real HTTP proxy: connects the invented hosts of `corp.example` to a local port, and refuses all others. */
export class HttpProxy {
  readonly #server: Server;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  readonly #targets: string[] = [];
  readonly #credentials: string | null;

  private constructor(server: Server, port: number, credentials: string | null) {
    this.#server = server;
    this.#port = port;
    this.#credentials = credentials;
    server.on('connection', (socket: Socket) => {
      this.#keep(socket);
    });
    server.on('request', (incoming, response) => {
      this.#forward(incoming, response);
    });
    server.on('connect', (incoming, socket: Socket, head: Buffer) => {
      this.#tunnel(incoming, socket, head);
    });
  }

  /**
   * @param port - of the server behind the proxy
   * @param credentials - `user:password` without which the proxy refuses everything
   */
  static async to(port: number, credentials: string | null = null): Promise<HttpProxy> {
    const server = createServer();
    const proxy = new HttpProxy(server, port, credentials);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** The address of the proxy. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The hosts that clients asked for, in order and once each. */
  get hosts(): readonly string[] {
    return [...new Set(this.#targets.map((target) => target.replace(/:\d+$/, '')))];
  }

  /** Resolves when clients have asked for these hosts. */
  async asked(...hosts: readonly string[]): Promise<void> {
    while (!hosts.every((host) => this.hosts.includes(host)))
      await once(this.#server, 'asked', { signal: AbortSignal.timeout(20_000) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
  }

  /** Whether the proxy serves this request. */
  #admits(target: string, { headers }: IncomingMessage): boolean {
    this.#targets.push(target);
    this.#server.emit('asked');
    if (this.#credentials === null) return true;
    const wanted = `Basic ${Buffer.from(this.#credentials).toString('base64')}`;
    return headers['proxy-authorization'] === wanted;
  }

  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { host, pathname, search } = new URL(incoming.url ?? '');
    if (!this.#admits(host, incoming)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
      return;
    }
    const { method, headers } = incoming;
    const path = `${pathname}${search}`;
    const outgoing = request({ host: '127.0.0.1', port: this.#port, path, method, headers });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  }

  #tunnel(incoming: IncomingMessage, near: Socket, head: Buffer): void {
    const target = incoming.url ?? '';
    const isAdmitted = this.#admits(target, incoming);
    if (!/\.corp\.example:\d+$/.test(target)) {
      near.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    if (!isAdmitted) {
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const far = connect(this.#port, '127.0.0.1', () => {
      near.write('HTTP/1.1 200 OK\r\n\r\n');
      far.write(head);
      near.pipe(far).pipe(near);
    });
    this.#keep(far);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }
}
