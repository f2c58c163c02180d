import { OutcomeUnknownError } from './outcome-unknown-error.js';
import type { TurnRun } from './turn-run.js';
import type { TurnQueue } from './turn-queue.js';
import { UnknownOutcome, type Recovery } from './unknown-outcome.js';

/** Remembers the turn of a thread that was not acknowledged, until its outcome is known. */
export class UnsettledTurn {
  readonly #queue: TurnQueue;
  readonly #recovery: Recovery;
  #outcome: UnknownOutcome | null = null;

  constructor(queue: TurnQueue, recovery: Recovery) {
    this.#queue = queue;
    this.#recovery = recovery;
  }

  /** No acknowledgement came: the queue continues only once the turn's outcome is known. */
  remember(run: TurnRun, threadId: string, cause: unknown): OutcomeUnknownError {
    const { clientMessageId } = run;
    const outcome = (this.#outcome = new UnknownOutcome(run));
    return new OutcomeUnknownError({
      threadId,
      clientMessageId,
      cause,
      reconcile: async () =>
        this.#queue.add(async () => {
          const reconciled = await outcome.settle(this.#recovery);
          if (this.#outcome === outcome) this.#outcome = null;
          return reconciled;
        }),
    });
  }

  /** Resolves its outcome. */
  async settle(): Promise<void> {
    await this.#outcome?.settle(this.#recovery);
    this.#outcome = null;
  }
}
