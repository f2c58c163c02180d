import type { ServerNotification, ThreadItem } from '../protocol/index.js';
import { timers } from '../timers.js';

/** The turn a notification belongs to, or null when it belongs to none. */
export function turnOf(notification: ServerNotification): string | null {
  const params = notification.params as { turnId?: unknown; turn?: { id?: unknown } } | undefined;
  const id = params?.turnId ?? params?.turn?.id;
  return typeof id === 'string' ? id : null;
}

/** The threads of sub-agents that an item names. */
export function subagentsIn({ method, params }: ServerNotification): readonly string[] {
  if (method !== 'item/started' && method !== 'item/completed') return [];
  const { item } = params;
  if (item.type === 'collabAgentToolCall') return item.receiverThreadIds;
  return item.type === 'subAgentActivity' ? [item.agentThreadId] : [];
}

/** The id that a client gave the message that it shows; null if it shows none. */
export function inputIn({ method, params }: ServerNotification): string | null {
  if (method !== 'item/started' && method !== 'item/completed') return null;
  const { item } = params;
  return item.type === 'userMessage' ? item.clientId : null;
}

/** What codex-rs would say of these items of a turn, as they were completed. */
export function completionsOf(
  items: readonly ThreadItem[],
  ids: { readonly threadId: string; readonly turnId: string },
): ServerNotification[] {
  const completedAtMs = timers.Date.now();
  return items.map((item) => ({
    method: 'item/completed',
    params: { item, ...ids, completedAtMs },
  }));
}
