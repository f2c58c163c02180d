// The live page of the fleet: http://127.0.0.1:8080/.
import { Redis } from 'ioredis';
import type { FleetEvent } from '../fleet/fleet-event.js';
import { FleetPage } from '../fleet/fleet-page.js';
import { untilAskedToEnd } from '../fleet/worker-setup.js';
import { eventsChannel } from './names.js';
import { TurnQueue } from './turn-queue.js';

const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
const events = redis.duplicate();
for (const connection of [redis, events]) connection.on('error', () => undefined);
const queue = new TurnQueue(redis);
const page = new FleetPage(async () => queue.counts());
events.on('message', (_channel, text) => {
  page.show(JSON.parse(text) as FleetEvent);
});
await events.subscribe(eventsChannel);
console.log(await page.listen(Number(process.env.PORT ?? 8080), process.env.HOST));
await untilAskedToEnd();
await page.close();
await queue.close();
redis.disconnect();
events.disconnect();
