// Registers the address of the workers with Restate: once, and after each change of the handler or its options.
// usage: node register.js http://BALANCER:9080
import { setTimeout as pause } from 'node:timers/promises';
import { TurnQueue } from './turn-queue.js';

const { RESTATE_ADMIN_URL: admin = 'http://127.0.0.1:9070' } = process.env;
const [, , workers = 'http://127.0.0.1:9080'] = process.argv;
const queue = new TurnQueue({ admin });
for (;;) {
  try {
    await queue.register(workers);
    break;
  } catch (error) {
    // Restate or the first worker is still starting.
    console.warn(String(error));
    await pause(1000);
  }
}
