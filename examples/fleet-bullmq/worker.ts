// One worker of the fleet. On SIGTERM it accepts no more turns, and exits once its turns have ended.
import { Redis } from 'ioredis';
import { serveHealth, untilAskedToEnd, workerSetup } from '../fleet/worker-setup.js';
import { TurnWorker } from './turn-worker.js';

await using setup = workerSetup();
const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', {
  // A command waits while Redis is unavailable.
  maxRetriesPerRequest: null,
});
const worker = new TurnWorker(setup, redis);
await worker.start();
const health = await serveHealth(Number(process.env.HEALTH_PORT ?? 0), async () => {
  await setup.codex.serverInfo();
  await redis.ping();
});
await untilAskedToEnd();
await worker.close();
await health.close();
redis.disconnect();
