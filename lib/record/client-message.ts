import type { Turn } from '../protocol/index.js';

/** Whether the input of a turn has this client message id. */
export function carries({ items }: Pick<Turn, 'items'>, clientMessageId: string): boolean {
  return items.some((item) => item.type === 'userMessage' && item.clientId === clientMessageId);
}
