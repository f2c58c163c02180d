import { withCallLimits } from '../wire/call-limits.js';
import { excessOf } from './turn-budget.js';
import { TurnClock } from './turn-clock.js';
import type { TurnRun } from './turn-run.js';
import { TurnTimeoutError, type TurnTimeoutErrorProps } from './turn-timeout-error.js';

/** Properties of {@link TurnLimits}. */
export interface TurnLimitsProps {
  readonly run: TurnRun;
  /** Describes the turn when a limit is exceeded. */
  readonly describe: () => Pick<TurnTimeoutErrorProps, 'threadId' | 'lastEvent'>;
  /** Stops the turn. */
  readonly stop: () => void;
}

/** The limits of one turn: time, from the opening of its thread to its end, and usage. */
export class TurnLimits {
  readonly clock: TurnClock;
  readonly #run: TurnRun;
  readonly #opening = new AbortController();

  constructor({ run, describe, stop }: TurnLimitsProps) {
    this.#run = run;
    this.clock = new TurnClock(run.options.timeouts ?? {}, (budget, limitMs) => {
      const { turnId, items } = run;
      const error = new TurnTimeoutError({ ...describe(), turnId, items, budget, limitMs });
      run.stopWith(() => error);
      // The stop sequence has its own limits.
      void withCallLimits({}, stop);
      this.#opening.abort(error);
    });
    const { budget } = run.options;
    if (budget !== undefined)
      run.onSpent(() => {
        const excess = excessOf(budget, run.spent);
        if (excess !== null && run.exceed(excess)) void withCallLimits({}, stop);
      });
  }

  /** Runs work that sends the turn and waits for its end, within its limits. */
  static async bound(
    props: TurnLimitsProps,
    work: (limits: TurnLimits) => Promise<void>,
  ): Promise<void> {
    const limits = new TurnLimits(props);
    try {
      await work(limits);
    } finally {
      limits.clock.stop();
    }
  }

  /** Runs work that opens the thread for the turn. Each awaited reply is limited by `ackMs` and `totalMs`. */
  async opening<T>(work: () => Promise<T>): Promise<T> {
    this.clock.open();
    const { ackMs } = this.#run.options.timeouts ?? {};
    const { signal } = this.#opening;
    return withCallLimits({ signal, ...(ackMs === undefined ? {} : { timeoutMs: ackMs }) }, work);
  }
}
