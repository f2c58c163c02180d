import type { FaultyRequestFault } from './faulty-script.js';
import type { FaultySession } from './faulty-session.js';

/** Sends replies to requests: at once, or as the script spoils them. @internal */
export class FaultyReplies {
  readonly #session: FaultySession;
  readonly #overtaken: (() => void)[] = [];

  constructor(session: FaultySession) {
    this.#session = session;
  }

  /** Sends one reply. */
  send(reply: object, faults: readonly FaultyRequestFault[]): void {
    const { world, wire } = this.#session;
    const actions = faults.map((fault) => fault.do);
    const types = new Set(actions.map((action) => action.type));
    if (types.has('dropReply')) return;
    const write = (): void => {
      const copies = types.has('replyTwice') ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) wire.message(reply, types.has('addFields'));
      for (const overtaken of this.#overtaken.splice(0)) overtaken();
    };
    const delay = actions.find((action) => action.type === 'delayReply');
    if (types.has('replyOutOfOrder')) this.#overtaken.push(write);
    else if (delay) {
      world.reachGate(delay.gate);
      void world.until(() => world.isGateOpen(delay.gate) || undefined).then(write);
    } else write();
  }
}
