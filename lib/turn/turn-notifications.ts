import type { ServerNotification } from '../protocol/index.js';

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

/** Whether it shows a message that another client has sent. */
export function carriesForeignInput({ method, params }: ServerNotification, own: string): boolean {
  if (method !== 'item/started' && method !== 'item/completed') return false;
  const { item } = params;
  return item.type === 'userMessage' && item.clientId !== null && item.clientId !== own;
}
