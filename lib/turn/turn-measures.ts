import type { Turn as WireTurn } from '../protocol/index.js';
import type { TurnUsage } from './usage.js';

/** The times and usage of a turn, for any outcome. A value that codex-rs did not report is null. */
export interface TurnMeasures {
  /** The start time, in whole seconds. */
  readonly startedAt: Date | null;
  /** The end time, in whole seconds. */
  readonly completedAt: Date | null;
  /** Its duration in codex-rs, in milliseconds. */
  readonly durationMs: number | null;
  /** The usage over all its model requests; null if the provider reported none. */
  readonly usage: TurnUsage | null;
  /** The usage of the thread so far; null if the provider reported none. */
  readonly threadUsage: TurnUsage | null;
  /**
   * The usage of its last model request. Its `totalTokens` divided by `modelContextWindow` is the used fraction of the
   * context; the sums above count repeatedly sent tokens each time.
   */
  readonly lastRequestUsage: TurnUsage | null;
  /** The size of the model's context, in tokens. */
  readonly modelContextWindow: number | null;
}

/** The part of {@link TurnMeasures} that is reported while the turn runs. */
export type TurnSpending = Pick<
  TurnMeasures,
  'usage' | 'threadUsage' | 'lastRequestUsage' | 'modelContextWindow'
>;

/** The measures of a turn: its times as reported at its end, null if missing. */
export function measured(turn: Partial<WireTurn> | null, spent?: TurnSpending): TurnMeasures {
  return {
    startedAt: dateOf(turn?.startedAt),
    completedAt: dateOf(turn?.completedAt),
    durationMs: numberOf(turn?.durationMs),
    usage: spent?.usage ?? null,
    threadUsage: spent?.threadUsage ?? null,
    lastRequestUsage: spent?.lastRequestUsage ?? null,
    modelContextWindow: numberOf(spent?.modelContextWindow),
  };
}

function dateOf(seconds: unknown): Date | null {
  return typeof seconds === 'number' ? new Date(seconds * 1000) : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
