import type { ClientRequests, JsonValue } from '../../protocol/index.js';
import type { Gate } from '../model/gate.js';
import { FaultVerbs } from './fault-verbs.js';
import type { FaultOccurrence } from './occurrence.js';
import type { FaultyReply } from './passage.js';

/**
 * A fault at a request of the client, created by `FaultyTransport.on`. Each verb returns the transport.
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
  /** The request does not reach the server and gets no reply. */
  stall(): Next {
    return this.put({ message: { isLost: true } });
  }

  /** The request reaches the server when the gate opens; later requests overtake it. */
  delayUntil(gate: Gate): Next {
    return this.put({ message: { gate } });
  }

  /** Replaces the params with the result of `edit` before they reach the server. */
  edit(edit: (params: ClientRequests[M]['params']) => unknown): Next {
    return this.put({ message: { edits: [edit] } });
  }

  /** The request does not reach the server; the reply is this error. */
  reject(code: number, message: string, data?: JsonValue): Next {
    const error = { code, message, ...(data === undefined ? {} : { data }) };
    return this.#answer({ error });
  }

  /** Rejects the request as overloaded this many times, then lets it pass. */
  overloaded(times = 1): Next {
    const error = { code: -32001, message: 'Server overloaded; retry later.' };
    return this.#answer({ error }, { times });
  }

  /** The request does not reach the server; the reply is this result. */
  answer(result: ClientRequests[M]['result']): Next {
    return this.answerAnything(result as JsonValue);
  }

  /** The request does not reach the server; the reply is this result, even if it does not match the protocol. */
  answerAnything(result: JsonValue): Next {
    return this.#answer({ result });
  }

  /** The server's reply is lost. */
  dropReply(): Next {
    return this.put({ reply: { isLost: true } });
  }

  /** The server's reply arrives when the gate opens. */
  delayReplyUntil(gate: Gate): Next {
    return this.put({ reply: { gate } });
  }

  /** The server's reply arrives twice. */
  replyTwice(): Next {
    return this.put({ reply: { repeats: 1 } });
  }

  /** The server's reply arrives right after the reply to a later request. */
  replyOutOfOrder(): Next {
    return this.put({ reply: { isLate: true } });
  }

  /** Replaces the server's result with the result of `edit`. */
  editReply(edit: (result: ClientRequests[M]['result']) => unknown): Next {
    return this.put({ reply: { edits: [edit] } });
  }

  #answer(answer: FaultyReply, changes?: FaultOccurrence): Next {
    return this.put({ message: { answer } }, changes);
  }
}
