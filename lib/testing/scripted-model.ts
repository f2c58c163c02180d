import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CodexError } from '../errors.js';
import { ScriptedModelStream } from './scripted-model-stream.js';
import { ScriptedReply } from './scripted-reply.js';
import { ScriptedRequest } from './scripted-request.js';

/** A reply, or a function that makes one from the request it answers. */
export type ScriptedAnswer = ScriptedReply | ((request: ScriptedRequest) => ScriptedReply);

/** A request that the script did not foresee, and what was wrong with it. */
export interface UnexpectedRequest {
  /** Such as `POST /v1/responses`. */
  readonly target: string;
  /** What was missing or wrong. */
  readonly reason: string;
  /** The model request, when it was one. */
  readonly request: ScriptedRequest | null;
}

/**
 * A model provider on the loopback interface that answers the real codex binary from a script: the OpenAI Responses API over HTTP
 * and server-sent events, without network, key or cost.
 *
 * Give codex {@link ScriptedModel.baseUrl} as its base URL, queue one {@link ScriptedReply} for every model request, and look at
 * {@link ScriptedModel.requests} afterwards.
 */
export class ScriptedModel {
  /** What to pass as the base URL: `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  readonly #server: Server;
  readonly #closing = new AbortController();
  readonly #queue: ScriptedAnswer[] = [];
  readonly #requests: ScriptedRequest[] = [];
  readonly #unexpected: UnexpectedRequest[] = [];
  readonly #waiting = new Set<Waiter>();
  #rules: readonly Rule[] = [];
  #otherwise: ScriptedAnswer | null = null;
  #webSocketAttempts = 0;
  #closed: Promise<void> | null = null;

  private constructor(server: Server) {
    this.#server = server;
    this.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(): Promise<ScriptedModel> {
    const server = createServer();
    // codex pools connections: one that the server closes while idle would make the next request fail at random.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ host: '127.0.0.1', port: 0 }, resolve);
    });
    const model = new ScriptedModel(server);
    server.on('request', (request, response) => {
      void model.#serve(request, response);
    });
    server.on('upgrade', (_request, socket) => {
      model.#webSocketAttempts += 1;
      // 426 is the one answer that makes codex fall back to HTTP at once and in silence.
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    });
    return model;
  }

  /** Every model request so far, in order of arrival. */
  get requests(): readonly ScriptedRequest[] {
    return [...this.#requests];
  }

  /** Every request so far that the script did not foresee; a good last assertion is that there is none. */
  get unexpectedRequests(): readonly UnexpectedRequest[] {
    return [...this.#unexpected];
  }

  /** How many queued replies were not asked for yet. */
  get queuedReplies(): number {
    return this.#queue.length;
  }

  /** How often codex tried a WebSocket; each try was sent back to HTTP. */
  get webSocketAttempts(): number {
    return this.#webSocketAttempts;
  }

  /** Appends replies to the queue: one answers one request, first in first out. */
  reply(...replies: readonly ScriptedAnswer[]): this {
    this.#queue.push(...replies);
    return this;
  }

  /** Answers every request that matches, however many: before the queue is looked at, the earliest rule first. */
  replyWhen(matches: (request: ScriptedRequest) => boolean, reply: ScriptedAnswer): this {
    this.#rules = [...this.#rules, { matches, reply, isOnce: false }];
    return this;
  }

  /** Answers the next request that matches, and only that: before the queue is looked at, the earliest rule first. */
  replyOnceWhen(matches: (request: ScriptedRequest) => boolean, reply: ScriptedAnswer): this {
    this.#rules = [...this.#rules, { matches, reply, isOnce: true }];
    return this;
  }

  /** Answers whatever neither a rule nor the queue answers; replaces an earlier default. */
  otherwise(reply: ScriptedAnswer): this {
    this.#otherwise = reply;
    return this;
  }

  /**
   * Gives the request with this index (from 0): now, or when it arrives.
   *
   * @throws CodexError with code `scripted-model-closed` when the model is closed first.
   */
  async request(
    index: number,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ScriptedRequest> {
    const { signal } = options;
    signal?.throwIfAborted();
    const present = this.#requests[index];
    if (present !== undefined) return present;
    if (this.#closed !== null) throw closedError(index);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        settle();
        reject(signal?.reason as Error);
      };
      const settle = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = { index, resolve, reject, settle };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** Ends every stream and stops listening; resolves when the port is free. Idempotent. */
  async close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#closing.abort(new CodexError('The scripted model was closed.', { code: closedCode }));
      for (const { index, reject, settle } of [...this.#waiting]) {
        settle();
        reject(closedError(index));
      }
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
    await this.#closed;
  }

  /** The same as {@link ScriptedModel.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const target = `${incoming.method ?? ''} ${new URL(incoming.url ?? '/', this.baseUrl).pathname}`;
    try {
      const body = await readBody(incoming);
      if (target === 'GET /v1/models')
        sendJson(response, 200, { object: 'list', data: [], models: [] });
      else if (target === 'POST /v1/responses') await this.#answer(incoming, response, body);
      else this.#refuse(response, 404, { target, reason: 'No such endpoint.', request: null });
    } catch (error) {
      if (response.headersSent || response.destroyed) response.destroy();
      else this.#refuse(response, 400, { target, reason: String(error), request: null });
    }
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const request = new ScriptedRequest({
      index: this.#requests.length,
      at: Date.now(),
      headers: incoming.headers,
      body: JSON.parse(body) as Record<string, unknown>,
    });
    const left = new AbortController();
    response.once('close', () => {
      left.abort();
      request.settle(this.#closing.signal.aborted ? 'closed' : 'aborted');
    });
    this.#record(request);
    const reply = this.#choose(request);
    const stream = new ScriptedModelStream(
      response,
      String(request.index),
      AbortSignal.any([this.#closing.signal, left.signal]),
    );
    request.settle(await stream.play(reply));
  }

  #record(request: ScriptedRequest): void {
    this.#requests.push(request);
    for (const { index, resolve, settle } of [...this.#waiting]) {
      if (index !== request.index) continue;
      settle();
      resolve(request);
    }
  }

  #choose(request: ScriptedRequest): ScriptedReply {
    const rule = this.#rules.find(({ matches }) => matches(request));
    if (rule?.isOnce === true) this.#rules = this.#rules.filter((other) => other !== rule);
    const answer = rule?.reply ?? this.#queue.shift() ?? this.#otherwise;
    if (answer !== null) return typeof answer === 'function' ? answer(request) : answer;
    const reason = `The scripted model has no reply for request ${request.index} (${JSON.stringify(request.userTexts.at(-1) ?? '')}): queue one with reply(), or set otherwise().`;
    this.#unexpected.push({ target: 'POST /v1/responses', reason, request });
    // 400 and not 500: codex repeats a 500 many times and hides its text; a 400 fails the turn at once with this sentence.
    return ScriptedReply.status(400, errorBody(reason));
  }

  #refuse(response: ServerResponse, status: number, unexpected: UnexpectedRequest): void {
    this.#unexpected.push(unexpected);
    sendJson(
      response,
      status,
      errorBody(`The scripted model: ${unexpected.target}: ${unexpected.reason}`),
    );
  }
}

interface Rule {
  readonly matches: (request: ScriptedRequest) => boolean;
  readonly reply: ScriptedAnswer;
  readonly isOnce: boolean;
}

interface Waiter {
  readonly index: number;
  readonly resolve: (request: ScriptedRequest) => void;
  readonly reject: (error: Error) => void;
  readonly settle: () => void;
}

const closedCode = 'scripted-model-closed';

function closedError(index: number): CodexError {
  return new CodexError(`The scripted model was closed before request ${index} arrived.`, {
    code: closedCode,
  });
}

function errorBody(message: string): Record<string, unknown> {
  return { error: { type: 'scripted_model_error', code: 'unscripted_request', message } };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
