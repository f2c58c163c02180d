// One worker of the fleet. On SIGTERM it takes no more turns; after the grace period, its turns go to other workers.
import { NativeConnection, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { workerSetup } from '../fleet/worker-setup.js';
import { taskQueue } from './names.js';
import { TurnActivities } from './turn-activities.js';

await using setup = workerSetup();
const { TEMPORAL_ADDRESS: address = '127.0.0.1:7233' } = process.env;
const connection = await NativeConnection.connect({ address });
const activities = new TurnActivities(setup);
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('turn-workflow.js', import.meta.url)),
  activities: { runThreadTurn: activities.runThreadTurn.bind(activities) },
  maxConcurrentActivityTaskExecutions: setup.concurrency,
  shutdownGraceTime: setup.graceMs,
});
await worker.run();
await connection.close();
