import type { TransportError } from '../errors.js';
import type { SubagentThreads } from '../loaded/subagent-threads.js';
import type { AppServerSession } from '../wire/app-server-session.js';
import type { TurnRun } from './turn-run.js';

/** What listens to the connection of a turn. */
export interface TurnListeners {
  readonly run: TurnRun;
  readonly subagents: SubagentThreads;
  /** The connection is lost. */
  readonly lose: (error: TransportError) => void;
}

/** The connection that a turn is followed over; another one may take its place. Keeps the host process alive. */
export class TurnConnection {
  readonly #listeners: TurnListeners;
  #detach: (() => void)[] = [];

  constructor(listeners: TurnListeners) {
    this.#listeners = listeners;
  }

  /** Listens to this connection, and to no other one any more. */
  attach(session: AppServerSession): void {
    const { run, subagents, lose } = this.#listeners;
    this.detach();
    const hold = session.hold();
    this.#detach = [
      () => {
        hold[Symbol.dispose]();
      },
      session.onNotification(({ method, params }) => {
        if (method === 'account/rateLimits/updated') run.acceptLimits(params.rateLimits);
      }),
    ];
    subagents.listen(session);
    session.askAgain();
    // Last: a connection that is lost already says so at once.
    this.#detach.push(session.onClose(lose));
  }

  /** Listens no more. */
  detach(): void {
    for (const detach of this.#detach.splice(0)) detach();
  }
}
