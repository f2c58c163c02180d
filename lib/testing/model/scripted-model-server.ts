import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import * as zlib from 'node:zlib';
import { isRecord, messageOf } from '../../shapes.js';

/** One unanswered model request. @internal */
export interface ModelExchange {
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  readonly response: ServerResponse;
  /** Fires when codex disconnects or the server closes. */
  readonly gone: AbortSignal;
}

/** Handlers of the server. @internal */
export interface ModelServerHandlers {
  onModelRequest(exchange: ModelExchange): Promise<void>;
  onUnexpected(target: string, reason: string): void;
  onWebSocket(): void;
}

/** The HTTP side of the scripted model: routes, bodies and connections, on 127.0.0.1 only. @internal */
export class ScriptedModelServer {
  readonly baseUrl: string;
  readonly #server: Server;
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;

  private constructor(server: Server) {
    this.#server = server;
    this.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  static async listen(): Promise<ScriptedModelServer> {
    const server = createServer();
    // codex pools connections: closing an idle one would make the next request fail at random.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ host: '127.0.0.1', port: 0 }, resolve);
    });
    return new ScriptedModelServer(server);
  }

  get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  serve(handlers: ModelServerHandlers): void {
    this.#server.on('request', (incoming, response) => {
      void this.#route(incoming, response, handlers);
    });
    this.#server.on('upgrade', (_incoming, socket) => {
      handlers.onWebSocket();
      socket.on('error', () => undefined);
      // 426 is the only status that makes codex fall back to HTTP immediately and silently.
      socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    });
  }

  async close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#closing.abort();
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
    await this.#closed;
  }

  async #route(
    incoming: IncomingMessage,
    response: ServerResponse,
    handlers: ModelServerHandlers,
  ): Promise<void> {
    const left = new AbortController();
    response
      .on('error', () => undefined)
      .once('close', () => {
        left.abort();
      });
    const gone = AbortSignal.any([this.#closing.signal, left.signal]);
    const target = `${incoming.method ?? ''} ${new URL(incoming.url ?? '/', this.baseUrl).pathname}`;
    const refuse = (status: number, reason: string): void => {
      handlers.onUnexpected(target, reason);
      sendJson(response, status, modelErrorBody(`${target}: ${reason}`));
    };
    try {
      if (target === 'GET /v1/models') sendJson(response, 200, emptyCatalog);
      else if (target === 'POST /v1/responses') {
        const body = await readBody(incoming);
        await handlers.onModelRequest({ headers: incoming.headers, body, response, gone });
      } else refuse(404, 'the scripted model has no such endpoint');
    } catch (error) {
      if (gone.aborted || response.headersSent) response.destroy();
      // Not 415 for an encoding: codex retries it, but not a 400.
      else refuse(400, messageOf(error));
    }
  }
}

/** The error body for a request that the script did not expect. @internal */
export function modelErrorBody(message: string): Readonly<Record<string, unknown>> {
  return { error: { type: 'scripted_model_error', code: 'unscripted_request', message } };
}

// codex sends this request only with a ChatGPT login; with an empty list, the built-in catalog applies.
const emptyCatalog = { object: 'list', data: [], models: [] };

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = decompress(Buffer.concat(chunks), incoming.headers['content-encoding']).toString();
  const body = JSON.parse(text) as unknown;
  if (!isRecord(body)) throw new Error('the body is not a JSON object');
  return body;
}

function decompress(bytes: Buffer, encoding = 'identity'): Buffer {
  if (encoding === 'identity') return bytes;
  // Node 20 does not have zstd, which codex uses.
  const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Buffer) => Buffer };
  if (encoding === 'zstd' && zstdDecompressSync !== undefined) return zstdDecompressSync(bytes);
  if (encoding === 'gzip') return zlib.gunzipSync(bytes);
  throw new Error(
    `cannot read a body compressed with ${encoding} here: start codex with --disable enable_request_compression`,
  );
}
