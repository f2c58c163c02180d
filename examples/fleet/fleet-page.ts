import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FleetEvent, QueueCounts } from './fleet-event.js';
import { html } from './page-html.js';

/** A worker without reports for this time is shown as silent. */
const silenceMs = 3000;

/** A live page about a fleet: the queue, the workers, the threads, and the text of running turns. */
export class FleetPage {
  readonly #server: Server;
  readonly #readers = new Set<ServerResponse>();
  readonly #workers = new Map<string, { readonly event: FleetEvent; readonly at: number }>();
  readonly #threads = new Map<string, FleetEvent>();
  readonly #countsNow: () => Promise<QueueCounts>;
  #counts: QueueCounts = {};
  #clock: NodeJS.Timeout | undefined;

  /** `countsNow` reads the numbers of waiting and running turns from the engine. */
  constructor(countsNow: () => Promise<QueueCounts>) {
    this.#countsNow = countsNow;
    this.#server = createServer((request, response) => {
      if (request.url === '/events') this.#follow(response);
      else if (request.url === '/health') response.end('ok');
      else if (request.url === '/')
        response.setHeader('content-type', 'text/html; charset=utf-8').end(html);
      else response.writeHead(404).end();
    });
  }

  /**
   * Resolves with the page's address once it can be opened. The page is available to other machines if `host` is
   * `0.0.0.0`.
   */
  async listen(port = 0, host = '127.0.0.1'): Promise<string> {
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
    this.#clock = setInterval(() => {
      this.#noteSilence();
      void this.#count();
    }, 500);
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Shows a report of a worker. */
  show(told: FleetEvent): void {
    const { worker, thread, kind, token } = told;
    const event = token === undefined ? told : { ...told, token: shortened(token) };
    this.#workers.set(worker, { event: { worker, kind }, at: Date.now() });
    if (thread !== undefined && kind !== 'delta')
      this.#threads.set(thread, { ...this.#threads.get(thread), ...event });
    this.#send('event', event);
  }

  async close(): Promise<void> {
    clearInterval(this.#clock);
    for (const reader of this.#readers) reader.end();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  /** A page that is opened later shows the current state. */
  #follow(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.on('close', () => this.#readers.delete(response));
    this.#readers.add(response);
    for (const event of this.#threads.values()) response.write(message('event', event));
    for (const { event } of this.#workers.values())
      response.write(message('event', { worker: event.worker, kind: stateOf(event) }));
    response.write(message('counts', this.#counts));
  }

  #noteSilence(): void {
    for (const [worker, { event, at }] of this.#workers)
      if (Date.now() - at > silenceMs && stateOf(event) === 'alive')
        this.show({ worker, kind: 'silent' });
  }

  async #count(): Promise<void> {
    try {
      this.#counts = await this.#countsNow();
      this.#send('counts', this.#counts);
    } catch {
      // The engine is unavailable: the last state stays.
    }
  }

  #send(name: string, data: object): void {
    for (const reader of this.#readers) reader.write(message(name, data));
  }
}

/** Long texts that differ in the middle, to distinguish them. */
function shortened(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 10);
}

function stateOf({ kind }: FleetEvent): FleetEvent['kind'] {
  return kind === 'down' || kind === 'silent' ? kind : 'alive';
}

function message(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
