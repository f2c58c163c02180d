import type { ThreadTokenUsage, TokenUsageBreakdown } from '../protocol/index.js';

/**
 * Token usage, in the names of the wire format. Cached and cache-write tokens are parts of `inputTokens`, reasoning is a
 * part of `outputTokens`, and `totalTokens` is input plus output.
 */
export interface TurnUsage {
  /** All tokens sent to the model. */
  readonly inputTokens: number;
  /** The part of the input that came from the provider's cache. */
  readonly cachedInputTokens: number;
  /** The part of the input that was written to the provider's cache. */
  readonly cacheWriteInputTokens: number;
  /** All tokens the model produced. */
  readonly outputTokens: number;
  /** The part of the output that was reasoning. */
  readonly reasoningOutputTokens: number;
  /** Input plus output. */
  readonly totalTokens: number;
}

const fields = [
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteInputTokens',
  'outputTokens',
  'reasoningOutputTokens',
  'totalTokens',
] as const satisfies readonly (keyof TurnUsage)[];

/**
 * Computes the usage of one turn from the thread's running totals.
 *
 * codex-rs reports once per model request, cumulated over the thread, and may repeat a report: growth of the total is
 * counted, so a repetition adds nothing.
 */
export class UsageMeter {
  #before: TurnUsage | null;
  #turn: TurnUsage | null = null;
  #thread: TurnUsage | null = null;
  #last: TurnUsage | null = null;
  #contextWindow: number | null = null;

  /** @param before - the thread's total before the turn, or null if unknown */
  constructor(before: TurnUsage | null) {
    this.#before = before;
  }

  /** The usage of the turn so far, or null before the first report. */
  get turn(): TurnUsage | null {
    return this.#turn;
  }

  /** The usage of the whole thread so far, or null before the first report. */
  get thread(): TurnUsage | null {
    return this.#thread;
  }

  /** The usage of the last model request, or null before the first report. */
  get lastRequest(): TurnUsage | null {
    return this.#last;
  }

  /** The size of the model's context in tokens, or null if it was not reported. */
  get contextWindow(): number | null {
    return this.#contextWindow;
  }

  /** Accepts one `thread/tokenUsage/updated`; returns whether it reports a billed model request. */
  accept(usage: ThreadTokenUsage): boolean {
    const total = breakdown(usage.total);
    const growth = this.#before === null ? null : combine(total, this.#before, (a, b) => a - b);
    const isGrowth = growth !== null && fields.every((field) => growth[field] >= 0);
    const spent = isGrowth ? growth : spentLast(usage.last);
    this.#before = total;
    this.#thread = total;
    this.#contextWindow = usage.modelContextWindow;
    // After a failed or interrupted request codex-rs repeats its report, including the usage of an earlier turn.
    if (spent.totalTokens === 0) return false;
    this.#turn = this.#turn === null ? spent : added(this.#turn, spent);
    this.#last = breakdown(usage.last);
    return true;
  }
}

/** The usage of the last model request. A compaction reports the resulting thread length, which is not usage. */
function spentLast(last: Partial<TokenUsageBreakdown>): TurnUsage {
  const usage = breakdown(last);
  return usage.totalTokens === usage.inputTokens + usage.outputTokens ? usage : breakdown({});
}

/** A frozen copy of the wire's numbers; a field that the server omits counts as 0. */
export function breakdown(tokens: Partial<TokenUsageBreakdown>): TurnUsage {
  return Object.freeze(
    Object.fromEntries(fields.map((field) => [field, tokens[field] ?? 0])),
  ) as unknown as TurnUsage;
}

/** The sum of two usages. */
export function added(a: TurnUsage, b: TurnUsage): TurnUsage {
  return combine(a, b, (one, other) => one + other);
}

/** Combines two usages field by field. */
export function combine(
  a: TurnUsage,
  b: TurnUsage,
  how: (a: number, b: number) => number,
): TurnUsage {
  return breakdown(Object.fromEntries(fields.map((field) => [field, how(a[field], b[field])])));
}
