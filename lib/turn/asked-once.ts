import { TransportError } from '../errors.js';
import { onAbort } from '../on-abort.js';
import type { RequestId } from '../protocol/index.js';

/**
 * The requests of codex-rs for one turn, by request id. After a reconnection codex-rs repeats the requests that have no
 * answer; the handler is called once for each.
 */
export class AskedOnce {
  readonly #answers = new Map<RequestId, Asked>();

  /**
   * The answer to a request: the known one, the pending one, or the result of the work.
   *
   * @param signal - aborts when codex-rs stops waiting and when the connection is lost; neither ends the work
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
