import type { ThreadItem } from '../../protocol/index.js';
import { ContinuationToken } from '../../record/continuation-token.js';
import { commentaryIn, finalResponseIn } from '../../turn/final-response.js';
import type { TurnResult } from '../../turn/turn-result.js';
import { breakdown, type TurnUsage } from '../../turn/usage.js';
import { item } from './item-builder.js';

/** The thread that builders name unless they are told another. @internal */
export const stubThreadId = '00000000-0000-7000-8000-000000000001';
/** The turn that builders name unless they are told another. @internal */
export const stubTurnId = '00000000-0000-7000-8000-000000000002';

const startedAt = new Date('2023-11-14T22:13:20Z');

/** Tokens spent: 10 in and 5 out unless told otherwise; the total is what they add up to. */
export function turnUsage(usage: Partial<TurnUsage> = {}): TurnUsage {
  const { inputTokens = 10, outputTokens = 5 } = usage;
  const totalTokens = inputTokens + outputTokens;
  return breakdown({ totalTokens, ...usage, inputTokens, outputTokens });
}

/**
 * What a finished turn gave, with what is not told filled in so that it fits: the items are the final response, or the final
 * response is that of the items; an `output` alone becomes the final response as JSON.
 *
 * Items that have the same id get others: builders number all of them alike.
 *
 * @example
 * ```ts
 * const turn = turnResult({ finalResponse: 'A test fails.', usage: { inputTokens: 90 } });
 * console.log(turn.status, turn.items[0]?.type); // completed agentMessage
 * console.log(turn.usage?.totalTokens); // 95
 * ```
 */
export function turnResult<Output = undefined>(
  props: TurnResultProps<Output> = {},
): TurnResult<Output> {
  const { threadId = stubThreadId, turnId = stubTurnId } = props;
  const said = props.finalResponse ?? asText(props.output);
  const items = withOwnIds(
    props.items ?? (said === null ? [] : [item('agentMessage', { text: said })]),
  );
  const usage = usageIn(props.usage);
  const threadUsage = props.threadUsage === undefined ? usage : usageIn(props.threadUsage);
  const last = props.lastRequestUsage === undefined ? usage : usageIn(props.lastRequestUsage);
  return Object.freeze({
    startedAt,
    completedAt: new Date(startedAt.getTime() + 1000),
    durationMs: 1000,
    modelContextWindow: null,
    origin: 'ran',
    subagentUsage: Object.freeze({}),
    continuation: ContinuationToken.issue({ threadId, turnId }),
    commentary: commentaryIn(items),
    ...props,
    output: props.output as Output,
    threadId,
    turnId,
    status: 'completed',
    items: Object.freeze(items),
    finalResponse: said ?? finalResponseIn(items),
    usage,
    threadUsage,
    lastRequestUsage: last,
  });
}

/** What {@link turnResult} may be told: anything that a result has; usage may be told in part. */
export type TurnResultProps<Output = undefined> = Omit<
  Partial<TurnResult<Output>>,
  'status' | 'usage' | 'threadUsage' | 'lastRequestUsage'
> & {
  /** What the turn spent; null for a provider that reports nothing. */
  readonly usage?: Partial<TurnUsage> | null;
  /** What the thread has spent by then. Defaults to what the turn did. */
  readonly threadUsage?: Partial<TurnUsage> | null;
  /** What the last model request spent. Defaults to what the turn did. */
  readonly lastRequestUsage?: Partial<TurnUsage> | null;
};

function usageIn(usage: Partial<TurnUsage> | null | undefined): TurnUsage | null {
  return usage === null ? null : turnUsage(usage);
}

function asText(output: unknown): string | null {
  return output === undefined ? null : JSON.stringify(output);
}

function withOwnIds(items: readonly ThreadItem[]): ThreadItem[] {
  const taken = new Set<string>();
  return items.map((item) => {
    let { id } = item;
    for (let nth = 2; taken.has(id); nth += 1) id = `${item.id.replace(/_\d+$/, '')}_${nth}`;
    taken.add(id);
    return id === item.id ? item : { ...item, id };
  });
}
