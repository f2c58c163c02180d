import { TransportError } from '../errors.js';
import { onAbort } from '../on-abort.js';
import type { RequestId } from '../protocol/index.js';

/**
 * What codex-rs has asked for one turn, by the id of its request. Over another connection it asks again what it has no answer
 * for: that is the same question, and who decides or does it is asked once.
 */
export class AskedOnce {
  readonly #answers = new Map<RequestId, Asked>();

  /**
   * The answer to a request: that which was found, or is being found already, or what the work gives.
   *
   * @param signal - aborts when codex-rs waits no more, and when the connection is lost, which ends no work
   */
  async answer<T>(
    id: RequestId,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const known = this.#answers.get(id);
    const controller = known?.controller ?? new AbortController();
    const forget = onAbort(signal, () => {
      if (!TransportError.is(signal.reason)) controller.abort(signal.reason);
    });
    const asked = known ?? { controller, answer: work(controller.signal) };
    this.#answers.set(id, asked);
    try {
      return (await asked.answer) as T;
    } finally {
      forget();
    }
  }
}

interface Asked {
  readonly controller: AbortController;
  readonly answer: Promise<unknown>;
}
