import { FaultyActions } from './faulty-actions.js';
import type { FaultyNotificationAction } from './faulty-action.js';

/**
 * What shall happen at a notification of the server; made by `FaultyAppServer.onNotification`. Every verb gives the server
 * back.
 *
 * @example
 * ```ts
 * const faulty = new FaultyAppServer().onNotification('item/completed').duplicate();
 * await using codex = new Codex({ transport: faulty.transport });
 *
 * const { items } = await codex.startThread().run('Go');
 * console.log(items.length, new Set(items).size); // 2 2
 * ```
 */
export class FaultyNotificationTrigger<Server> extends FaultyActions<Server> {
  readonly #put: (action: FaultyNotificationAction) => Server;

  /** @internal */
  constructor(put: (action: FaultyNotificationAction) => Server) {
    super();
    this.#put = put;
  }

  /** It is not sent. */
  drop(): Server {
    return this.add({ type: 'drop' });
  }

  /** It is sent twice. */
  duplicate(): Server {
    return this.add({ type: 'duplicate' });
  }

  /** It is sent when the gate opens; later ones overtake it. */
  holdUntil(gate: string): Server {
    return this.add({ type: 'hold', gate });
  }

  /** It carries keys that no protocol type knows. */
  extraFields(): Server {
    return this.add({ type: 'addFields' });
  }

  /** @internal */
  protected add(action: FaultyNotificationAction): Server {
    return this.#put(action);
  }
}
