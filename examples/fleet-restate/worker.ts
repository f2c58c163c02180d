// One worker of the fleet. On SIGTERM it accepts no more turns, and exits once its turns have ended.
import { serveHealth, untilAskedToEnd, workerSetup } from '../fleet/worker-setup.js';
import { TurnWorker } from './turn-worker.js';

await using setup = workerSetup();
const worker = new TurnWorker(setup);
await worker.start(Number(process.env.PORT ?? 9080));
// The balancer sends turns only to a worker that is healthy.
const health = await serveHealth(Number(process.env.HEALTH_PORT ?? 8081), async () => {
  await setup.codex.serverInfo();
});
await untilAskedToEnd();
await worker.close();
await health.close();
