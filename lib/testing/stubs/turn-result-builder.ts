import type { ThreadItem } from '../../protocol/index.js';
import { ContinuationToken } from '../../record/continuation-token.js';
import { commentaryIn, finalResponseIn } from '../../turn/final-response.js';
import type { TurnResult } from '../../turn/turn-result.js';
import { breakdown, type TurnUsage } from '../../turn/usage.js';
import { item } from './item-builder.js';

/** The default thread of builders. @internal */
export const stubThreadId = '00000000-0000-7000-8000-000000000001';
/** The default turn of builders. @internal */
export const stubTurnId = '00000000-0000-7000-8000-000000000002';

const startedAt = new Date('2023-11-14T22:13:20Z');

/** Builds a token usage: by default 10 input and 5 output tokens; the total is derived. */
export function turnUsage(usage: Partial<TurnUsage> = {}): TurnUsage {
  const { inputTokens = 10, outputTokens = 5 } = usage;
  const totalTokens = inputTokens + outputTokens;
  return breakdown({ totalTokens, ...usage, inputTokens, outputTokens });
}

/**
 * Builds the result of a finished turn. Unspecified properties are derived consistently: the items from the final
 * response, or the final response from the items; an `output` alone becomes the final response as JSON.
 *
 * Items with duplicate ids get new ones, because builders number all of them alike.
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

/** Properties of {@link turnResult}: any property of a result; usage may be partial. */
export type TurnResultProps<Output = undefined> = Omit<
  Partial<TurnResult<Output>>,
  'status' | 'usage' | 'threadUsage' | 'lastRequestUsage'
> & {
  /** Token usage of the turn; null for a provider that does not report it. */
  readonly usage?: Partial<TurnUsage> | null;
  /** Token usage of the thread so far. Defaults to that of the turn. */
  readonly threadUsage?: Partial<TurnUsage> | null;
  /** Token usage of the last model request. Defaults to that of the turn. */
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
