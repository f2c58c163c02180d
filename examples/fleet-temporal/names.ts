/** The queue from which all workers take turns. */
export const taskQueue = 'turns';

/** The name of the signal that adds a turn to a thread. */
export const addSignal = 'add';

/** The name of the signal that cancels a turn by its id. */
export const cancelSignal = 'cancel';

/** The id of a thread's workflow: Temporal runs one workflow with an id at a time. */
export function workflowIdOf(thread: string): string {
  return `turns/${thread}`;
}
