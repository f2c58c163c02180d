import { RequestError, TransportError } from '../errors.js';
import type { RequestId } from '../protocol/index.js';
import type { Redactor } from '../redaction.js';
import { isRecord } from '../shapes.js';
import { reportProblem } from '../telemetry/report-problem.js';
import type { TraceContext } from '../telemetry/messages.js';
import { after, timers } from '../timers.js';
import { unanswered } from './call-limits.js';
import type { Reply } from './declining-replies.js';
import { guarded } from './guarded.js';
import { onAbort } from '../on-abort.js';
import { ReaderQueue } from '../reader-queue.js';
import {
  isReply,
  lineOf,
  parseMessage,
  type IncomingReply,
  type Message,
} from './json-rpc-message.js';
import type { Connection } from '../transport/connection.js';

/**
 * Speaks JSON-RPC over a {@link Connection}: matches replies to calls, and forwards requests and notifications of the
 * other side.
 */
export class JsonRpcPeer {
  readonly #transport: Connection;
  readonly #redactor: Redactor;
  readonly #pending = new Map<RequestId, PendingCall>();
  readonly #inbox = new ReaderQueue<Message | TransportError>();
  #handlers: PeerHandlers | null = null;
  #nextId = 1;
  #closeReason: TransportError | null = null;
  #hasReplied = false;
  #hasReceived = false;
  #noise: string | null = null;

  constructor(transport: Connection, redactor: Redactor) {
    this.#transport = transport;
    this.#redactor = redactor;
  }

  /** The first line that was not a message, truncated and redacted; null if there was none. */
  get noise(): string | null {
    return this.#noise;
  }

  /** Starts reading. */
  start(handlers: PeerHandlers): void {
    this.#handlers = handlers;
    this.#transport.start({
      onLine: (line) => {
        this.#receive(line);
      },
      onClose: (error) => {
        this.#inbox.push(error);
        this.#drain();
      },
    });
  }

  /**
   * Sends a request and resolves with its result.
   *
   * @throws {@link RequestError} if the other side rejects the request; {@link TransportError} `timeout`, or the error
   * that ended the connection; `signal.reason` if aborted.
   */
  async request(method: string, params: unknown, options: PeerCallOptions): Promise<unknown> {
    const { signal, timeoutMs, trace, onSent } = options;
    const id = this.#nextId++;
    // Before registration: a value that JSON cannot represent is the caller's error.
    const line = lineOf({ id, method, params, trace });
    signal?.throwIfAborted();
    if (this.#closeReason !== null) throw this.#closeReason;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        cancel();
        forget();
        if (this.#pending.delete(id)) this.#handlers?.onPending(this.#pending.size);
      };
      const fail = (error: unknown): void => {
        settle();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason of a signal is passed through unchanged
        reject(error);
      };
      const cancel = after(timeoutMs, () => {
        fail(unanswered(method, timeoutMs));
      });
      const forget = signal
        ? onAbort(signal, () => {
            fail(signal.reason);
          })
        : (): void => undefined;
      this.#pending.set(id, {
        method,
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: fail,
      });
      this.#handlers?.onPending(this.#pending.size);
      this.#transport.send(line).catch(fail);
      onSent?.(id);
    });
  }

  /** Sends a notification. */
  async notify(method: string): Promise<void> {
    if (this.#closeReason !== null) throw this.#closeReason;
    await this.#transport.send(lineOf({ method }));
  }

  /**
   * Replies to a request of the other side. Ignores a broken connection, because the other side no longer needs the
   * reply.
   */
  async reply(id: RequestId, reply: Reply): Promise<void> {
    if (this.#closeReason !== null) return;
    await this.#transport.send(lineOf({ id, ...reply })).catch(() => undefined);
  }

  /** Rejects all pending and future calls with this error. Does not close the transport. */
  fail(error: TransportError): void {
    if (this.#closeReason !== null) return;
    this.#closeReason = error;
    for (const call of [...this.#pending.values()]) call.reject(error);
    guarded(() => this.#handlers?.onClose(error));
  }

  #receive(line: string): void {
    const message = parseMessage(line);
    if (message !== null) this.#take(message);
    else if (line.trim() !== '') this.#skip(line);
  }

  #take(message: Message): void {
    this.#hasReceived = true;
    this.#inbox.push(message);
    this.#drain();
  }

  #skip(line: string): void {
    this.#noise ??= this.#redactor.redact(line.slice(0, 500));
    skipped(`a line of ${line.length} characters that is not a message`);
    // A wrapper may print a greeting without a line break before it starts codex-rs.
    const first = this.#hasReceived ? null : parseMessage(line.slice(line.indexOf('{')));
    if (first !== null) this.#take(first);
  }

  /**
   * Delivers messages in wire order. After a reply, further messages wait until the code that awaits the reply has run,
   * so that it can subscribe to a new thread without missing a notification.
   */
  #drain(): void {
    for (;;) {
      const next = this.#inbox.first;
      if (next === undefined) return;
      if (this.#hasReplied && (next instanceof TransportError || !isReply(next))) return;
      this.#inbox.take();
      if (next instanceof TransportError) this.fail(next);
      else this.#dispatch(next);
    }
  }

  #holdBack(): void {
    if (this.#hasReplied) return;
    this.#hasReplied = true;
    timers.setImmediate(() => {
      this.#hasReplied = false;
      this.#drain();
    });
  }

  #dispatch(message: Message): void {
    if (isReply(message)) {
      this.#settle(message);
      return;
    }
    const { id, method, params } = message;
    if (id === undefined) guarded(() => this.#handlers?.onNotification({ method, params }));
    else guarded(() => this.#handlers?.onRequest({ id, method, params }));
  }

  #settle(reply: IncomingReply): void {
    const call = this.#pending.get(reply.id);
    if (call === undefined) {
      skipped(`an unexpected reply to call ${reply.id}`);
      return;
    }
    this.#holdBack();
    if (reply.error === undefined) call.resolve(reply.result);
    else call.reject(this.#refusal(call.method, reply.error));
  }

  #refusal(method: string, error: unknown): RequestError {
    const { code, message, data } = isRecord(error) ? error : {};
    return new RequestError({
      method,
      rpcCode: typeof code === 'number' ? code : 0,
      serverMessage: this.#redactor.redact(
        typeof message === 'string' ? message : JSON.stringify(error),
      ),
      data: this.#redactor.redactValue(data),
    });
  }
}

/** Reports a skipped message, without its content. */
function skipped(what: string): void {
  reportProblem(null, 'protocol', `codex-rs sent ${what}; it was skipped.`);
}

/** Handlers for messages of the other side. Called in wire order; their errors are not propagated. */
export interface PeerHandlers {
  onNotification(notification: { readonly method: string; readonly params: unknown }): void;
  onRequest(request: {
    readonly id: RequestId;
    readonly method: string;
    readonly params: unknown;
  }): void;
  /** Called when the number of pending calls changes. */
  onPending(count: number): void;
  onClose(error: TransportError): void;
}

/** The limits of one call. */
export interface PeerCallOptions {
  readonly signal?: AbortSignal | undefined;
  /** The timeout for the reply. `Infinity` waits until the connection closes. */
  readonly timeoutMs: number;
  /** The trace that the request belongs to. */
  readonly trace?: TraceContext | undefined;
  /** Called with the id of the request when it is sent. */
  readonly onSent?: ((id: RequestId) => void) | undefined;
}

interface PendingCall {
  readonly method: string;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}
