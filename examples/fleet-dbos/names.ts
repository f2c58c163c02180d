/** The queue, with a partition for each thread. */
export const queueName = 'turns';

/** The name of the workflow that runs a turn. */
export const workflowName = 'turn';

/** The stream of a workflow with the pieces of its answer. */
export const answerStream = 'answer';

/** The channel on which workers report their actions. */
export const eventsChannel = 'fleet_events';

/** The version of the application: the same for all builds whose workers can continue each other's workflows. */
export const applicationVersion = 'turns-1';
