import type { ServerNotifications, ServerRequests } from '../../protocol/index.js';
import type { Gate } from '../model/gate.js';
import { FaultVerbs } from './fault-verbs.js';

/** The notifications and requests of the server, with their params. */
export type ServerMessageParams = ServerNotifications & {
  readonly [M in keyof ServerRequests]: ServerRequests[M]['params'];
};

/**
 * A fault at a notification or a request of the server, created by `FaultyTransport.onMessage`. Each verb returns the
 * transport.
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
export class MessageFault<Next, Params> extends FaultVerbs<Next, Params> {
  /** The message is lost. */
  drop(): Next {
    return this.put({ message: { isLost: true } });
  }

  /** The message arrives twice. */
  repeat(): Next {
    return this.put({ message: { repeats: 1 } });
  }

  /** The message arrives when the gate opens; later ones overtake it. */
  holdUntil(gate: Gate): Next {
    return this.put({ message: { gate } });
  }

  /** Replaces the params with the result of `edit`. */
  edit(edit: (params: Params) => unknown): Next {
    return this.put({ message: { edits: [edit] } });
  }
}
