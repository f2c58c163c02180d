import type { TransportError } from '../errors.js';
import type { SubagentThreads } from '../loaded/subagent-threads.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import type { TurnRun } from './turn-run.js';

/** The listeners to the connection of a turn. */
export interface TurnListeners {
  readonly run: TurnRun;
  readonly subagents: SubagentThreads;
  /** The connection is lost. */
  readonly lose: (error: TransportError) => void;
}

/** The connection that carries a turn; it can be replaced. Keeps the host process alive. */
export class TurnConnection {
  readonly #listeners: TurnListeners;
  #detach: (() => void)[] = [];

  constructor(listeners: TurnListeners) {
    this.#listeners = listeners;
  }

  /** Listens to this connection instead of the previous one. */
  attach(session: AppServerSession): void {
    const { run, subagents, lose } = this.#listeners;
    this.detach();
    const hold = session.hold();
    this.#detach = [
      () => {
        hold[Symbol.dispose]();
      },
      session.onMethod('account/rateLimits/updated', ({ params }) => {
        run.acceptLimits(params.rateLimits);
      }),
    ];
    subagents.listen(session);
    session.askAgain();
    // Last: a closed connection calls the listener immediately.
    this.#detach.push(session.onClose(lose));
  }

  /** Stops listening. */
  detach(): void {
    for (const detach of this.#detach.splice(0)) detach();
  }
}
