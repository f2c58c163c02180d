/** The queue, with a partition for each thread. */
export const queueName = 'turns';

/** The workflow that is a turn. */
export const workflowName = 'turn';

/** The stream of a workflow with the pieces of its answer. */
export const answerStream = 'answer';

/** The channel on which workers tell what they do. */
export const eventsChannel = 'fleet_events';

/** One version for as long as workers of different builds can go on with each other's workflows. */
export const applicationVersion = 'turns-1';
