// The live page of the fleet: http://127.0.0.1:8080/.
import { Client } from 'pg';
import type { FleetEvent } from '../fleet/fleet-event.js';
import { FleetPage } from '../fleet/fleet-page.js';
import { untilAskedToEnd } from '../fleet/worker-setup.js';
import { eventsChannel } from './names.js';
import { TurnQueue } from './turn-queue.js';

const url = process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const queue = await TurnQueue.connect(url);
const page = new FleetPage(async () => queue.counts());
const events = new Client({ connectionString: url });
events.on('notification', ({ payload }) => {
  const event = JSON.parse(payload ?? '') as FleetEvent;
  page.show(event);
  if (event.kind === 'started') void showAnswer(event);
});
await events.connect();
await events.query(`LISTEN ${eventsChannel}`);
console.log(await page.listen(Number(process.env.PORT ?? 8080), process.env.HOST));
await untilAskedToEnd();
await page.close();
await events.end();
await queue.close();

async function showAnswer({ worker, turn = '' }: FleetEvent): Promise<void> {
  try {
    for await (const text of queue.follow(turn)) page.show({ worker, kind: 'delta', turn, text });
  } catch {
    // The database is unavailable; later turns are shown again.
  }
}
