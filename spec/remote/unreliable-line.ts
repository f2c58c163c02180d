import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP proxy to a local port whose connections can be cut, held, and split into single bytes. */
export class UnreliableLine {
  readonly #server: Server;
  readonly #port: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isOpen = true;
  #isHeld = false;
  #splits = false;
  #count = 0;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    server.on('connection', (near) => {
      this.#join(near);
    });
  }

  static async to(port: number): Promise<UnreliableLine> {
    const server = createServer();
    const line = new UnreliableLine(server, port);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return line;
  }

  /** The address of the proxy. */
  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The port of the proxy. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  /** The number of connections so far. */
  get connections(): number {
    return this.#count;
  }

  /** Cuts all connections; new ones are accepted unless the line stays down. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
    this.#pairs.clear();
  }

  /** Cuts all connections and accepts no new ones until {@link UnreliableLine.up}. */
  down(): void {
    this.#isOpen = false;
    this.cut();
  }

  /** Accepts connections again. */
  up(): void {
    this.#isOpen = true;
  }

  /** Silently stops passing data in both directions. */
  hold(): void {
    this.#isHeld = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Resumes passing data. */
  release(): void {
    this.#isHeld = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Ends only this client's direction, like a half-closed connection. */
  halfClose(): void {
    for (const [near] of this.#pairs) near.end();
  }

  /** Passes all data in small pieces. */
  split(): void {
    this.#splits = true;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    this.#count += 1;
    near.on('error', () => undefined);
    if (!this.#isOpen) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#port, '127.0.0.1');
    far.on('error', () => undefined);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    this.#pass(near, far);
    this.#pass(far, near);
    const forget = (): void => {
      near.destroy();
      far.destroy();
      this.#pairs.delete(pair);
    };
    near.on('close', forget);
    far.on('close', forget);
    if (this.#isHeld) for (const socket of pair) socket.pause();
  }

  #pass(from: Socket, to: Socket): void {
    from.on('data', (chunk: Buffer) => {
      if (!this.#splits) {
        to.write(chunk);
        return;
      }
      for (let start = 0; start < chunk.length; start += 7)
        to.write(chunk.subarray(start, start + 7));
    });
    from.on('end', () => to.end());
  }
}
