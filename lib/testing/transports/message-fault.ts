import type { ServerNotifications, ServerRequests } from '../../protocol/index.js';
import type { Gate } from '../model/gate.js';
import { FaultVerbs, type FaultAct } from './fault-verbs.js';

/** The notifications and requests of the server, with their params. */
export type ServerMessageParams = ServerNotifications & {
  readonly [M in keyof ServerRequests]: ServerRequests[M]['params'];
};

/** What happens at a message that the server sends by itself. @internal */
export type MessageAction =
  | { readonly type: 'act'; readonly act: FaultAct }
  | { readonly type: 'drop' }
  | { readonly type: 'repeat' }
  | { readonly type: 'hold'; readonly gate: Gate }
  | { readonly type: 'edit'; readonly edit: (params: never) => unknown };

/**
 * A fault at a notification or a request of the server; made by `FaultyTransport.onMessage`. Every verb returns the transport.
 *
 * @example
 * ```ts
 * const transport = new FaultyTransport().onMessage('item/completed').repeat();
 * await using codex = new Codex({ transport });
 *
 * const { items } = await codex.startThread().run('Go');
 * console.log(items.length, new Set(items).size); // 2 2
 * ```
 */
export class MessageFault<Next, M extends keyof ServerMessageParams> extends FaultVerbs<
  Next,
  ServerMessageParams[M]
> {
  readonly #put: (action: MessageAction) => Next;

  /** @internal */
  constructor(put: (action: MessageAction) => Next) {
    super();
    this.#put = put;
  }

  /** The message is lost. */
  drop(): Next {
    return this.#put({ type: 'drop' });
  }

  /** The message arrives once more. */
  repeat(): Next {
    return this.#put({ type: 'repeat' });
  }

  /** The message arrives when the gate opens; later ones overtake it. */
  holdUntil(gate: Gate): Next {
    return this.#put({ type: 'hold', gate });
  }

  /** The params are replaced by what `edit` makes of them. */
  edit(edit: (params: ServerMessageParams[M]) => unknown): Next {
    return this.#put({ type: 'edit', edit });
  }

  /** @internal */
  protected act(act: FaultAct<ServerMessageParams[M]>): Next {
    return this.#put({ type: 'act', act });
  }
}
