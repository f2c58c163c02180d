import type { ClientRequests, JsonValue } from '../protocol/index.js';
import { FaultyActions } from './faulty-actions.js';
import type { FaultyRequestAction } from './faulty-action.js';
import type { FaultyOccurrence } from './faulty-script.js';

/**
 * What shall happen at a request; made by `FaultyAppServer.on`. Every verb gives the server back.
 *
 * @example
 * ```ts
 * const faulty = new FaultyAppServer().on('thread/start', { nth: 1 }).reject(-32600, 'Not now.');
 * await using codex = new Codex({ transport: faulty.transport });
 * const thread = codex.startThread();
 *
 * const error: unknown = await thread.run('Go').catch((reason: unknown) => reason);
 * console.log(RequestError.is(error) && error.serverMessage); // Not now.
 * console.log((await thread.run('Again')).status); // completed
 * ```
 */
export class FaultyRequestTrigger<
  Server,
  M extends keyof ClientRequests,
> extends FaultyActions<Server> {
  readonly #occurrence: FaultyOccurrence;
  readonly #put: (action: FaultyRequestAction, occurrence: FaultyOccurrence) => Server;

  /** @internal */
  constructor(
    occurrence: FaultyOccurrence,
    put: (action: FaultyRequestAction, occurrence: FaultyOccurrence) => Server,
  ) {
    super();
    this.#occurrence = occurrence;
    this.#put = put;
  }

  /** It is carried out; its reply never comes. */
  dropReply(): Server {
    return this.add({ type: 'dropReply' });
  }

  /** It is neither carried out nor answered. */
  stall(): Server {
    return this.add({ type: 'stall' });
  }

  /** It is carried out and answered when the gate opens; later requests overtake it. */
  delayUntil(gate: string): Server {
    return this.add({ type: 'waitFor', gate });
  }

  /** It is carried out at once; its reply comes when the gate opens. */
  delayReplyUntil(gate: string): Server {
    return this.add({ type: 'delayReply', gate });
  }

  /** The same reply comes twice. */
  replyTwice(): Server {
    return this.add({ type: 'replyTwice' });
  }

  /** Its reply comes right after the reply to a later request. */
  replyOutOfOrder(): Server {
    return this.add({ type: 'replyOutOfOrder' });
  }

  /** It is refused and not carried out. */
  reject(code: number, message: string, data?: JsonValue): Server {
    return this.add({ type: 'reject', code, message, ...(data === undefined ? {} : { data }) });
  }

  /** It is refused for overload this many times, then carried out. */
  overloaded(times = 1): Server {
    const action = { type: 'reject', code: -32001, message: overload } as const;
    return this.#put(action, { ...this.#occurrence, times });
  }

  /** It is not carried out; this is the answer. Also for methods that are not implemented here. */
  answer(result: ClientRequests[M]['result']): Server {
    return this.add({ type: 'answer', result: result as JsonValue });
  }

  /** It is not carried out; this is the answer, whether it fits the protocol or not. */
  answerAnything(result: JsonValue): Server {
    return this.add({ type: 'answer', result });
  }

  /** Its reply carries keys that no protocol type knows. */
  extraFields(): Server {
    return this.add({ type: 'addFields' });
  }

  /** @internal */
  protected add(action: FaultyRequestAction): Server {
    return this.#put(action, this.#occurrence);
  }
}

const overload = 'Server overloaded; retry later.';
