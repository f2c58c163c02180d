import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span in OTLP's JSON. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
}

/** Receives the spans that a codex-rs exports, on the loopback interface. */
export class SpanCollector {
  readonly #spans: CollectedSpan[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.#collect(Buffer.concat(chunks).toString());
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  static async start(): Promise<SpanCollector> {
    const collector = new SpanCollector();
    await new Promise<void>((resolve) => collector.#server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  /** The setting that makes codex-rs send its spans here. */
  get config(): { otel: { trace_exporter: Record<string, Record<string, string>> } } {
    const { port } = this.#server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}/v1/traces`;
    return { otel: { trace_exporter: { 'otlp-http': { endpoint, protocol: 'json' } } } };
  }

  /** The span with this name in this trace, when it has arrived. */
  async whenCollected(name: string, traceId: string): Promise<CollectedSpan> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.#spans.find((span) => span.name === name && span.traceId === traceId);
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Makes codex-rs send its spans immediately, and drop none. */
  get environment(): Record<string, string> {
    return { OTEL_BSP_SCHEDULE_DELAY: '20', OTEL_BSP_MAX_QUEUE_SIZE: '100000' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #collect(body: string): void {
    const { resourceSpans } = JSON.parse(body) as {
      resourceSpans: { scopeSpans: { spans: CollectedSpan[] }[] }[];
    };
    for (const { scopeSpans } of resourceSpans)
      for (const { spans } of scopeSpans) this.#spans.push(...spans);
    for (const look of [...this.#waiting]) look();
  }
}
