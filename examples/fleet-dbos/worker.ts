// One worker of the fleet. On SIGTERM it accepts no more turns, and exits once its turns have ended.
import { postgresPool } from '../fleet/postgres-pool.js';
import { serveHealth, untilAskedToEnd, workerSetup } from '../fleet/worker-setup.js';
import { TurnWorker } from './turn-worker.js';

const url = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
await using setup = workerSetup();
const pool = postgresPool(url);
const worker = new TurnWorker({ setup, url, pool });
await worker.start();
const health = await serveHealth(Number(process.env.HEALTH_PORT ?? 0), async () => {
  await setup.codex.serverInfo();
  await pool.query('SELECT 1');
});
await untilAskedToEnd();
await worker.close();
await health.close();
await pool.end();
