import type { ThreadTokenUsage, TokenUsageBreakdown } from '../protocol/index.js';

/**
 * Tokens spent, in the wire's names. Cached and cache-write tokens are parts of `inputTokens`, reasoning is a part of
 * `outputTokens`, and `totalTokens` is input plus output.
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
 * Counts what one turn spent from the thread's running totals.
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

  /** @param before - the thread's total before the turn, or null when it is not known */
  constructor(before: TurnUsage | null) {
    this.#before = before;
  }

  /** What the turn spent so far, or null before the first report. */
  get turn(): TurnUsage | null {
    return this.#turn;
  }

  /** What the whole thread spent so far, or null before the first report. */
  get thread(): TurnUsage | null {
    return this.#thread;
  }

  /** What the last model request spent, or null before the first report. */
  get lastRequest(): TurnUsage | null {
    return this.#last;
  }

  /** How many tokens the context of the model holds, or null when nobody said. */
  get contextWindow(): number | null {
    return this.#contextWindow;
  }

  /** Takes in one `thread/tokenUsage/updated`; gives whether it tells of a model request that was billed. */
  accept(usage: ThreadTokenUsage): boolean {
    const total = breakdown(usage.total);
    const growth = this.#before === null ? null : combine(total, this.#before, (a, b) => a - b);
    const isGrowth = growth !== null && fields.every((field) => growth[field] >= 0);
    const spent = isGrowth ? growth : spentLast(usage.last);
    this.#before = total;
    this.#thread = total;
    this.#contextWindow = usage.modelContextWindow;
    // After a request that failed or was cut short codex-rs says the same again, also what an earlier turn has spent.
    if (spent.totalTokens === 0) return false;
    this.#turn = this.#turn === null ? spent : added(this.#turn, spent);
    this.#last = breakdown(usage.last);
    return true;
  }
}

/** What the last model request spent. A compaction reports how long the thread is then, which nobody has spent. */
function spentLast(last: Partial<TokenUsageBreakdown>): TurnUsage {
  const usage = breakdown(last);
  return usage.totalTokens === usage.inputTokens + usage.outputTokens ? usage : breakdown({});
}

/** A frozen copy of the wire's numbers; a field that an older or newer server leaves out counts as 0. */
export function breakdown(tokens: Partial<TokenUsageBreakdown>): TurnUsage {
  return Object.freeze(
    Object.fromEntries(fields.map((field) => [field, tokens[field] ?? 0])),
  ) as unknown as TurnUsage;
}

/** What two have spent together. */
export function added(a: TurnUsage, b: TurnUsage): TurnUsage {
  return combine(a, b, (one, other) => one + other);
}

function combine(a: TurnUsage, b: TurnUsage, how: (a: number, b: number) => number): TurnUsage {
  return breakdown(Object.fromEntries(fields.map((field) => [field, how(a[field], b[field])])));
}
