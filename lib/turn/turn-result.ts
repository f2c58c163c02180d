import type { ContinuationToken } from '../record/continuation-token.js';
import type { ThreadItem } from '../protocol/index.js';
import type { TurnMeasures } from './turn-measures.js';
import type { TurnOrigin } from './turn-start.js';
import type { TurnUsage } from './usage.js';

/**
 * The result of a finished turn. Frozen.
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
   * The origin of the result: `ran`, this call sent it; with an `idempotencyKey` also `adopted`, it had run before;
   * `attached`, it was already running; `retaken`, it was cut off before, and was reverted and sent again.
   */
  readonly origin: TurnOrigin;
  /** Always `completed`: a failed or stopped turn throws instead. */
  readonly status: 'completed';
  /** The model's answer: the last final-answer message, else the last message without a phase, else null. */
  readonly finalResponse: string | null;
  /** The answer in the type of `output`; undefined without `output`. */
  readonly output: Output;
  /** The text of the commentary messages, which are not the answer. */
  readonly commentary: readonly string[];
  /** The items in wire format, in order of completion. */
  readonly items: readonly ThreadItem[];
  /** The usage of this turn's sub-agents until it ended, by thread id; not included in `usage`. */
  readonly subagentUsage: Readonly<Record<string, TurnUsage>>;
  /** Resumes the thread as of the end of this turn; see `codex.resumeThread`. */
  readonly continuation: ContinuationToken;
}
