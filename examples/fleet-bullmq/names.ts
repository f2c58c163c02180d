/** The name of the queue. */
export const queueName = 'turns';

/** The channel on which workers report their actions. */
export const eventsChannel = 'fleet:events';

/** The channel for requests to cancel a turn, by its key. */
export const cancelChannel = 'fleet:cancel';

/** The key under which a cancelled turn is recorded. */
export function cancelledMark(turn: string): string {
  return `fleet:cancelled:${turn}`;
}
