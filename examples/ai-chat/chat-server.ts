import { build, stop } from 'esbuild';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ChatTurns, toUIMessages, type CodexUIMessage } from '../../lib/ai-sdk/index.js';
import {
  CodexError,
  QueuedApprovals,
  type Codex,
  type Thread,
  type ThreadOptionsRecord,
} from '../../lib/index.js';
import { html } from './page-html.js';

/**
 * A chat backend for `useChat`, with a thread for each chat:
 *
 * - `POST /api/chat` runs a turn, `GET /api/chat/ID/stream` streams the running turn
 * - `GET /api/chat/ID` returns the messages so far
 * - `POST /api/chat/ID/approvals` decides an approval, `POST /api/chat/ID/stop` interrupts the turn
 */
export class ChatServer implements AsyncDisposable {
  readonly #codex: Codex;
  readonly #options: ThreadOptionsRecord;
  readonly #approvals = new QueuedApprovals({ timeoutMs: 15 * 60_000 });
  readonly #chats = new ChatTurns({ approvals: this.#approvals });
  /** A service that must survive a restart uses a label on the thread, and `codex.findThreads`. */
  readonly #threads = new Map<string, Thread>();
  readonly #server: Server;
  #script = '';

  constructor(codex: Codex, options: ThreadOptionsRecord = {}) {
    this.#codex = codex;
    this.#options = options;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Returns the address of the page. */
  async listen(port = 0): Promise<string> {
    const { outputFiles } = await build({
      entryPoints: [resolve('examples/ai-chat/client/chat.tsx')],
      bundle: true,
      format: 'esm',
      write: false,
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"' },
    });
    await stop();
    this.#script = outputFiles[0]?.text ?? '';
    await new Promise<void>((done) => this.#server.listen(port, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chats.close();
    this.#approvals.close();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#answer(request).catch((error: unknown) =>
      Response.json({ error: CodexError.is(error) ? error.code : 'failed' }, { status: 409 }),
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    if (answer.body === null) response.end();
    // A client that disconnects cancels the stream.
    else await pipeline(Readable.fromWeb(answer.body), response).catch(() => undefined);
  }

  async #answer(request: IncomingMessage): Promise<Response> {
    const { method = 'GET', url = '/' } = request;
    if (url === '/') return page(html, 'text/html');
    if (url === '/chat.js') return page(this.#script, 'text/javascript');
    const [, id = '', action] = /^\/api\/chat(?:\/([\w-]+)(?:\/(\w+))?)?$/.exec(url) ?? [];
    if (method === 'POST' && url === '/api/chat') return this.#send(await bodyOf(request));
    if (method === 'GET' && action === 'stream') return this.#chats.resume(id);
    if (method === 'GET' && action === undefined) {
      const thread = this.#threads.get(id);
      return Response.json(thread === undefined ? [] : await toUIMessages(thread));
    }
    if (method === 'POST' && action === 'approvals') this.#chats.decide(id, await bodyOf(request));
    else if (method === 'POST' && action === 'stop') await this.#chats.stop(id);
    else return new Response(null, { status: 404 });
    return new Response(null, { status: 204 });
  }

  #send(body: unknown): Response {
    const { id, messages } = body as { id: string; messages: CodexUIMessage[] };
    const message = messages.at(-1);
    const [part] = message?.parts ?? [];
    if (message === undefined || part?.type !== 'text') return new Response(null, { status: 400 });
    const approvals = this.#approvals;
    const thread =
      this.#threads.get(id) ?? this.#codex.startThread({ ...this.#options, approvals });
    this.#threads.set(id, thread);
    // The same request sent twice runs one turn, and the message keeps its id in the thread.
    return this.#chats.respond(id, thread.runStreamed(part.text, { idempotencyKey: message.id }));
  }
}

function page(text: string, type: string): Response {
  return new Response(text, { headers: { 'content-type': `${type}; charset=utf-8` } });
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text === '' ? '{}' : text);
}
