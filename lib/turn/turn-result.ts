import type { ContinuationToken } from '../record/continuation-token.js';
import type { ThreadItem } from '../protocol/index.js';
import type { TurnMeasures } from './turn-measures.js';
import type { TurnOrigin } from './turn-start.js';
import type { TurnUsage } from './usage.js';

/**
 * What a finished turn gave. Frozen.
 *
 * @example
 * ```ts
 * const turn = await thread.run('Why is the build red?');
 * console.log(turn.finalResponse, turn.items.length); // A test fails. 2
 * console.log(turn.usage?.inputTokens, turn.usage?.outputTokens); // 10 5
 * const kept = JSON.stringify({ threadId: turn.threadId, continuation: turn.continuation });
 * ```
 */
export interface TurnResult<Output = undefined> extends TurnMeasures {
  /** The thread it ran on. */
  readonly threadId: string;
  /** The turn's id. */
  readonly turnId: string;
  /**
   * Where it comes from: `ran`, this call sent it; with an `idempotencyKey` also `adopted`, it had run before; `attached`, it
   * was running already; `retaken`, it was cut off before, and was reverted and sent again.
   */
  readonly origin: TurnOrigin;
  /** Always `completed`: a failed or stopped turn throws instead. */
  readonly status: 'completed';
  /** The model's answer: the last final-answer message, else the last message without a phase, else null. */
  readonly finalResponse: string | null;
  /** The answer as `output` asked for it; undefined without `output`. */
  readonly output: Output;
  /** The text of the messages that are commentary on the way, not the answer. */
  readonly commentary: readonly string[];
  /** The wire's own items, in the order in which they completed. */
  readonly items: readonly ThreadItem[];
  /** What sub-agents of this turn spent until it ended, apart from `usage`, by their thread ids. */
  readonly subagentUsage: Readonly<Record<string, TurnUsage>>;
  /** Resumes the thread as it stands right after this turn; see `codex.resumeThread`. */
  readonly continuation: ContinuationToken;
}
