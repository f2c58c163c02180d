import type { ServerNotification } from '../protocol/index.js';

/** The turn a notification belongs to, or null when it belongs to none. */
export function turnOf(notification: ServerNotification): string | null {
  const params = notification.params as { turnId?: unknown; turn?: { id?: unknown } } | undefined;
  const id = params?.turnId ?? params?.turn?.id;
  return typeof id === 'string' ? id : null;
}
