import type { RequestId, ServerRequest } from '../protocol/index.js';
import { decliningReply, type Reply } from './declining-replies.js';

/** The number of answered requests to remember. codex-rs gives each request a unique id. */
const answeredKept = 256;

/** The result of a handler that leaves the answer to another client of the server. */
export const notOurs = Symbol('not ours');

/** Answers a request from codex-rs: resolves with the result or {@link notOurs}, or rejects to decline. */
export type ServerRequestHandler = (
  request: ServerRequest,
  context: { readonly signal: AbortSignal },
) => Promise<unknown>;

/** Ensures that each request from codex-rs gets exactly one valid answer, regardless of the handler's behavior. */
export class ServerRequestDispatcher {
  readonly #write: (id: RequestId, reply: Reply) => void;
  readonly #open = new Map<RequestId, AbortController>();
  readonly #answered = new Map<RequestId, string>();
  #handler: ServerRequestHandler | null = null;
  /** Requests left to other clients that this client may have to answer later. */
  readonly #left = new Map<ServerRequest, AbortController>();
  #asksAgain = 0;
  #isClosed = false;

  constructor(write: (id: RequestId, reply: Reply) => void) {
    this.#write = write;
  }

  /** Replaces the handler. */
  answerWith(handler: ServerRequestHandler): void {
    this.#handler = handler;
  }

  /** Accepts a request. A request with a known id is a retry, even if its answer has just been sent. */
  receive(request: ServerRequest): void {
    const { id, method } = request;
    if (this.#isClosed || this.#open.has(id) || this.#answered.get(id) === method) return;
    const controller = new AbortController();
    this.#open.set(request.id, controller);
    void this.#answer(request, controller);
  }

  /** Dispatches again the requests that were left to other clients, because this client now has more threads. */
  askAgain(): void {
    this.#asksAgain += 1;
    const left = [...this.#left];
    this.#left.clear();
    for (const [request, controller] of left) void this.#answer(request, controller);
  }

  /** Marks a request as resolved elsewhere. */
  resolved(id: RequestId): void {
    for (const request of this.#left.keys())
      if (request.id === id) {
        this.#left.delete(request);
        this.#open.delete(id);
      }
    this.#open.get(id)?.abort(new Error('The request has already been resolved.'));
  }

  /** Aborts all handlers when the connection closes; no further answer is sent. */
  close(reason: Error): void {
    this.#isClosed = true;
    for (const controller of this.#open.values()) controller.abort(reason);
    this.#open.clear();
    this.#left.clear();
  }

  async #answer(request: ServerRequest, controller: AbortController): Promise<void> {
    // The handler is user code; it runs after the reader has continued.
    await Promise.resolve();
    const asked = this.#asksAgain;
    const reply = await this.#replyTo(request, controller.signal);
    if (this.#isClosed) return;
    if (reply === notOurs) {
      this.#leave(request, controller, asked);
      return;
    }
    this.#open.delete(request.id);
    this.#remember(request);
    this.#write(request.id, reply);
  }

  #leave(request: ServerRequest, controller: AbortController, asked: number): void {
    if (controller.signal.aborted) this.#open.delete(request.id);
    else if (asked !== this.#asksAgain) void this.#answer(request, controller);
    else this.#left.set(request, controller);
  }

  #remember({ id, method }: ServerRequest): void {
    this.#answered.set(id, method);
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size <= answeredKept) return;
      this.#answered.delete(oldest);
    }
  }

  async #replyTo(request: ServerRequest, signal: AbortSignal): Promise<Reply | typeof notOurs> {
    if (this.#handler === null || signal.aborted) return decliningReply(request);
    try {
      const result = await this.#handler(request, { signal });
      if (result === notOurs) return notOurs;
      return isWritable(result) ? { result } : decliningReply(request);
    } catch {
      return decliningReply(request);
    }
  }
}

/** Whether a value is valid JSON: `undefined`, functions, bigints and circular references are not. */
function isWritable(result: unknown): boolean {
  try {
    return typeof JSON.stringify(result) === 'string';
  } catch {
    return false;
  }
}
