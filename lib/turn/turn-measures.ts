import type { Turn as WireTurn } from '../protocol/index.js';
import type { TurnUsage } from './usage.js';

/** When a turn ran and what it spent, however it ended. Null is what codex-rs did not say. */
export interface TurnMeasures {
  /** When codex-rs began with it, to the second. */
  readonly startedAt: Date | null;
  /** When it was over, to the second. */
  readonly completedAt: Date | null;
  /** How long codex-rs took for it, in milliseconds. */
  readonly durationMs: number | null;
  /** What it spent, over all its model requests; null when the provider reported nothing. */
  readonly usage: TurnUsage | null;
  /** What the thread has spent so far; null when the provider reported nothing. */
  readonly threadUsage: TurnUsage | null;
  /**
   * What its last model request alone spent. Its `totalTokens`, out of `modelContextWindow`, is how full the context is:
   * the sums above count what was sent several times as often.
   */
  readonly lastRequestUsage: TurnUsage | null;
  /** How many tokens the context of the model holds. */
  readonly modelContextWindow: number | null;
}

/** The part of {@link TurnMeasures} that is told while the turn runs. */
export type TurnSpending = Pick<
  TurnMeasures,
  'usage' | 'threadUsage' | 'lastRequestUsage' | 'modelContextWindow'
>;

/** The measures of a turn: its times as its end tells them, null for one that has none. */
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
