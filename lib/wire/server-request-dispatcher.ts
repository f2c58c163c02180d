import type { RequestId, ServerRequest } from '../protocol/index.js';
import { decliningReply, type Reply } from './declining-replies.js';

/** How many answered requests are remembered. codex-rs gives each a number of its own. */
const answeredKept = 256;

/** What a handler resolves with when it leaves the answer to another client of the server, unless it is asked again. */
export const notOurs = Symbol('not ours');

/** Answers a request of codex-rs: resolves with the result or {@link notOurs}, or rejects to decline. */
export type ServerRequestHandler = (
  request: ServerRequest,
  context: { readonly signal: AbortSignal },
) => Promise<unknown>;

/** Sees to it that each request of codex-rs is answered exactly once, with something valid, whatever the handler does. */
export class ServerRequestDispatcher {
  readonly #write: (id: RequestId, reply: Reply) => void;
  readonly #open = new Map<RequestId, AbortController>();
  readonly #answered = new Map<RequestId, string>();
  #handler: ServerRequestHandler | null = null;
  /** What was left to others, and may turn out to be ours. */
  readonly #left = new Map<ServerRequest, AbortController>();
  #asksAgain = 0;
  #isClosed = false;

  constructor(write: (id: RequestId, reply: Reply) => void) {
    this.#write = write;
  }

  /** Replaces what answers from now on. */
  answerWith(handler: ServerRequestHandler): void {
    this.#handler = handler;
  }

  /** Takes in a request. One that is sent again is the same request, also when the answer has just crossed it. */
  receive(request: ServerRequest): void {
    const { id, method } = request;
    if (this.#isClosed || this.#open.has(id) || this.#answered.get(id) === method) return;
    const controller = new AbortController();
    this.#open.set(request.id, controller);
    void this.#answer(request, controller);
  }

  /** More is ours than before: what was left to others is asked again. */
  askAgain(): void {
    this.#asksAgain += 1;
    const left = [...this.#left];
    this.#left.clear();
    for (const [request, controller] of left) void this.#answer(request, controller);
  }

  /** Nobody waits for the answer any more. */
  resolved(id: RequestId): void {
    for (const request of this.#left.keys())
      if (request.id === id) {
        this.#left.delete(request);
        this.#open.delete(id);
      }
    this.#open.get(id)?.abort(new Error('codex-rs no longer waits for an answer.'));
  }

  /** The link is gone: every handler is told, and no answer is written any more. */
  close(reason: Error): void {
    this.#isClosed = true;
    for (const controller of this.#open.values()) controller.abort(reason);
    this.#open.clear();
    this.#left.clear();
  }

  async #answer(request: ServerRequest, controller: AbortController): Promise<void> {
    // The handler is the user's code: it runs after the reader has gone on.
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

/** Whether JSON can say it: `undefined`, functions, bigints and circles cannot be sent. */
function isWritable(result: unknown): boolean {
  try {
    return typeof JSON.stringify(result) === 'string';
  } catch {
    return false;
  }
}
