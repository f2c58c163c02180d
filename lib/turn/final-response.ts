import type { ThreadItem } from '../protocol/index.js';

/** An agent message in wire format. */
export type AgentMessage = Extract<ThreadItem, { type: 'agentMessage' }>;

/** The text of the last final answer among the items, else of the last message without a phase, else null. */
export function finalResponseIn(items: readonly ThreadItem[]): string | null {
  const messages = items.filter((item): item is AgentMessage => item.type === 'agentMessage');
  const answer =
    messages.findLast((message) => message.phase === 'final_answer') ??
    messages.findLast((message) => (message.phase ?? null) === null);
  return answer?.text ?? null;
}

/** The text of the commentary messages. */
export function commentaryIn(items: readonly ThreadItem[]): readonly string[] {
  return items.flatMap((item) =>
    item.type === 'agentMessage' && item.phase === 'commentary' ? [item.text] : [],
  );
}
