import type { RequestId, ServerRequest } from '../protocol/index.js';
import { decliningReply, type Reply } from './declining-replies.js';

/** How many answered requests are remembered. codex-rs gives each a number of its own. */
const answeredKept = 256;

/** Answers a request of codex-rs: resolves with the result, or rejects to decline. */
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

  /** Nobody waits for the answer any more. */
  resolved(id: RequestId): void {
    this.#open.get(id)?.abort(new Error('codex-rs no longer waits for an answer.'));
  }

  /** The link is gone: every handler is told, and no answer is written any more. */
  close(reason: Error): void {
    this.#isClosed = true;
    for (const controller of this.#open.values()) controller.abort(reason);
    this.#open.clear();
  }

  async #answer(request: ServerRequest, controller: AbortController): Promise<void> {
    // The handler is the user's code: it runs after the reader has gone on.
    await Promise.resolve();
    const reply = await this.#replyTo(request, controller.signal);
    if (this.#isClosed) return;
    this.#open.delete(request.id);
    this.#remember(request);
    this.#write(request.id, reply);
  }

  #remember({ id, method }: ServerRequest): void {
    this.#answered.set(id, method);
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size <= answeredKept) return;
      this.#answered.delete(oldest);
    }
  }

  async #replyTo(request: ServerRequest, signal: AbortSignal): Promise<Reply> {
    if (this.#handler === null || signal.aborted) return decliningReply(request);
    try {
      const result = await this.#handler(request, { signal });
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
