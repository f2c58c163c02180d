// A program that increments the number in a store repeatedly, with retries until each save succeeds.
// usage: node counting-worker.js DIRECTORY TIMES
import { DirectoryThreadStore, ThreadConflictError } from '../../lib/fleet/index.js';

const [, , directory = '', times = ''] = process.argv;
const store = new DirectoryThreadStore({ directory });
const threadId = '01a219e6-ca06-7a21-a125-aaa840cb5060';

async function addOne(): Promise<void> {
  const stored = await store.load('count');
  const count = Number(stored?.record.continuation ?? 0) + 1;
  const record = { threadId, continuation: String(count), turns: [] };
  try {
    await store.save('count', { record }, { ifVersion: stored?.version ?? null });
  } catch (error) {
    if (!ThreadConflictError.is(error)) throw error;
    await addOne();
  }
}

async function main(): Promise<void> {
  for (let left = Number(times); left > 0; left -= 1) await addOne();
}

void main();
