/** The name of the queue. */
export const queueName = 'turns';

/** The channel on which workers tell what they do. */
export const eventsChannel = 'fleet:events';

/** The channel on which somebody asks for a turn to be cancelled, by its key. */
export const cancelChannel = 'fleet:cancel';

/** Where it is noted that a turn was cancelled. */
export function cancelledMark(turn: string): string {
  return `fleet:cancelled:${turn}`;
}
