import type { ClientRequests, JsonValue } from '../../protocol/index.js';
import type { Gate } from '../model/gate.js';
import { FaultVerbs, type FaultAct } from './fault-verbs.js';
import type { FaultOccurrence } from './occurrence.js';

/** A JSON-RPC reply, without its id. @internal */
export type FaultyReply =
  | { readonly result: JsonValue }
  | {
      readonly error: {
        readonly code: number;
        readonly message: string;
        readonly data?: JsonValue;
      };
    };

/** What happens at a request of the client. @internal */
export type RequestAction =
  | { readonly type: 'act'; readonly act: FaultAct }
  | { readonly type: 'stall' }
  | { readonly type: 'answer'; readonly reply: FaultyReply }
  | { readonly type: 'delay'; readonly gate: Gate }
  | { readonly type: 'edit'; readonly edit: (params: never) => unknown }
  | { readonly type: 'reply'; readonly fate: ReplyFate };

/** What becomes of the server's reply. @internal */
export type ReplyFate =
  | 'drop'
  | 'twice'
  | 'late'
  | { readonly gate: Gate }
  | { readonly edit: (result: never) => unknown };

/**
 * A fault at a request of the client; made by `FaultyTransport.on`. Every verb returns the transport.
 *
 * @example
 * ```ts
 * const transport = new FaultyTransport().on('thread/start', { nth: 1 }).reject(-32600, 'Not now.');
 * await using codex = new Codex({ transport });
 * const thread = codex.startThread();
 *
 * const error: unknown = await thread.run('Go').catch((reason: unknown) => reason);
 * console.log(RequestError.is(error) && error.serverMessage); // Not now.
 * console.log((await thread.run('Again')).status); // completed
 * ```
 */
export class RequestFault<Next, M extends keyof ClientRequests> extends FaultVerbs<
  Next,
  ClientRequests[M]['params']
> {
  readonly #occurrence: FaultOccurrence;
  readonly #put: (action: RequestAction, occurrence: FaultOccurrence) => Next;

  /** @internal */
  constructor(
    occurrence: FaultOccurrence,
    put: (action: RequestAction, occurrence: FaultOccurrence) => Next,
  ) {
    super();
    this.#occurrence = occurrence;
    this.#put = put;
  }

  /** The request does not reach the server, and is not answered. */
  stall(): Next {
    return this.#add({ type: 'stall' });
  }

  /** The request reaches the server when the gate opens; later requests overtake it. */
  delayUntil(gate: Gate): Next {
    return this.#add({ type: 'delay', gate });
  }

  /** The params that reach the server are what `edit` makes of them. */
  edit(edit: (params: ClientRequests[M]['params']) => unknown): Next {
    return this.#add({ type: 'edit', edit });
  }

  /** The request does not reach the server; this error is the answer. */
  reject(code: number, message: string, data?: JsonValue): Next {
    const error = { code, message, ...(data === undefined ? {} : { data }) };
    return this.#add({ type: 'answer', reply: { error } });
  }

  /** The request is refused for overload this many times; then it passes. */
  overloaded(times = 1): Next {
    const error = { code: -32001, message: 'Server overloaded; retry later.' };
    return this.#put({ type: 'answer', reply: { error } }, { ...this.#occurrence, times });
  }

  /** The request does not reach the server; this result is the answer. */
  answer(result: ClientRequests[M]['result']): Next {
    return this.answerAnything(result as JsonValue);
  }

  /** The request does not reach the server; this result is the answer, whether or not it fits the protocol. */
  answerAnything(result: JsonValue): Next {
    return this.#add({ type: 'answer', reply: { result } });
  }

  /** The server's reply is lost. */
  dropReply(): Next {
    return this.#reply('drop');
  }

  /** The server's reply arrives when the gate opens. */
  delayReplyUntil(gate: Gate): Next {
    return this.#reply({ gate });
  }

  /** The server's reply arrives twice. */
  replyTwice(): Next {
    return this.#reply('twice');
  }

  /** The server's reply arrives right after the reply to a later request. */
  replyOutOfOrder(): Next {
    return this.#reply('late');
  }

  /** The server's result is replaced by what `edit` makes of it. */
  editReply(edit: (result: ClientRequests[M]['result']) => unknown): Next {
    return this.#reply({ edit });
  }

  /** @internal */
  protected act(act: FaultAct<ClientRequests[M]['params']>): Next {
    return this.#add({ type: 'act', act });
  }

  #reply(fate: ReplyFate): Next {
    return this.#add({ type: 'reply', fate });
  }

  #add(action: RequestAction): Next {
    return this.#put(action, this.#occurrence);
  }
}
