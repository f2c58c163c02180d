import type { ServerNotification, ThreadItem } from '../protocol/index.js';
import { timers } from '../timers.js';

/** The id of the turn that a notification belongs to, or null. */
export function turnOf(notification: ServerNotification): string | null {
  const params = notification.params as { turnId?: unknown; turn?: { id?: unknown } } | undefined;
  const id = params?.turnId ?? params?.turn?.id;
  return typeof id === 'string' ? id : null;
}

/** The ids of the sub-agent threads in an item. */
export function subagentsIn({ method, params }: ServerNotification): readonly string[] {
  if (method !== 'item/started' && method !== 'item/completed') return [];
  const { item } = params;
  if (item.type === 'collabAgentToolCall') return item.receiverThreadIds;
  return item.type === 'subAgentActivity' ? [item.agentThreadId] : [];
}

/** The client id of the message in the notification; null without a message. */
export function inputIn({ method, params }: ServerNotification): string | null {
  if (method !== 'item/started' && method !== 'item/completed') return null;
  const { item } = params;
  return item.type === 'userMessage' ? item.clientId : null;
}

/** The notifications that codex-rs would send for these items on completion. */
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
