import type { Client, Conversation } from './contender.js';
import { loadContender } from './contenders.js';
import type {
  CrowdSample,
  Footprint,
  LoadSample,
  StoredSample,
  TurnSample,
  WorkerArguments,
  WorkerReply,
  WorkerRequest,
} from './worker-protocol.js';

// One process of one contender. It loads the contender's code only on request.

const { contender, place } = JSON.parse(process.argv[2] ?? '') as WorkerArguments;
let client: Client | null = null;
let conversation: Conversation | null = null;

async function opened(): Promise<Client> {
  client ??= await (await loadContender(contender)).open(place);
  return client;
}

async function answer({ command, params }: WorkerRequest): Promise<unknown> {
  switch (command) {
    case 'cold':
      return cold();
    case 'load':
      return load(params.how);
    case 'turns':
      return turns(params.uncounted, params.count);
    case 'threads':
      return threads(params.count);
    case 'describe':
      return describe(params.count);
    case 'overriding':
      return overriding(params.count, params.overrides);
    case 'loaded':
      return loaded(params.count);
    case 'stored':
      return stored();
    case 'footprint':
      return footprint();
    case 'close':
      await client?.close();
      return null;
  }
}

async function cold(): Promise<number> {
  const startedAt = performance.now();
  await turn((await opened()).thread());
  return performance.now() - startedAt;
}

async function load(how: 'import' | 'require'): Promise<LoadSample> {
  const work = await loading(how);
  const bytes = process.memoryUsage.rss();
  const startedAt = performance.now();
  await work();
  return {
    durationMs: performance.now() - startedAt,
    mebibytes: (process.memoryUsage.rss() - bytes) / 2 ** 20,
  };
}

async function loading(how: 'import' | 'require'): Promise<() => unknown> {
  if (contender === 'official SDK') return (await import('./sdk-contender.js')).importSdk;
  const { importLibrary, requireLibrary } = await import('./library-contender.js');
  return how === 'import' ? importLibrary : requireLibrary;
}

async function turns(uncounted: number, count: number): Promise<readonly TurnSample[]> {
  if (uncounted > 0) conversation = null;
  conversation ??= (await opened()).thread();
  for (let done = 0; done < uncounted; done += 1) await turn(conversation);
  const samples: TurnSample[] = [];
  while (samples.length < count) samples.push(await turn(conversation));
  return samples;
}

async function threads(count: number): Promise<CrowdSample> {
  const all = await opened();
  // The process has already started: `cold` measures how long that takes.
  await turn(all.thread());
  const startedAt = performance.now();
  const samples = await Promise.all(Array.from({ length: count }, async () => turn(all.thread())));
  return {
    durationMs: performance.now() - startedAt,
    turnsMs: samples.map(({ endMs }) => endMs),
  };
}

async function overriding(count: number, overrides: boolean): Promise<number> {
  const all = await opened();
  const thread = overrides ? all.overriding?.() : all.thread();
  if (thread === undefined) throw new Error(`${contender} has no overrides.`);
  await turn(thread);
  const startedAt = performance.now();
  for (let done = 0; done < count; done += 1) await turn(thread);
  return performance.now() - startedAt;
}

/** Starts threads that stay loaded. */
async function loaded(count: number): Promise<null> {
  const all = await opened();
  for (let done = 0; done < count; done += 20)
    await Promise.all(Array.from({ length: 20 }, async () => turn(all.thread())));
  return null;
}

async function stored(): Promise<StoredSample> {
  const { stored: calls } = await opened();
  if (calls === undefined) throw new Error(`${contender} has no calls for stored threads.`);
  return {
    listMs: await durationOf(async () => calls.list()),
    findMs: await durationOf(async () => calls.find()),
    resumeMs: await durationOf(async () => calls.resume()),
  };
}

async function durationOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function footprint(): Footprint {
  // Twice: the second collection frees the objects that the first one finalizes.
  for (let round = 0; round < 2; round += 1) globalThis.gc?.();
  const listeners = process
    .eventNames()
    .reduce((sum, name) => sum + process.listenerCount(name as string), 0);
  return { heapBytes: process.memoryUsage().heapUsed, listeners };
}

async function describe(count: number): Promise<number> {
  const one = await opened();
  for (let done = 0; done < count; done += 1) one.describe?.();
  const startedAt = performance.now();
  for (let done = 0; done < count; done += 1) one.describe?.();
  return ((performance.now() - startedAt) * 1000) / count;
}

async function turn(thread: Conversation): Promise<TurnSample> {
  let firstEventMs = NaN;
  let firstTextMs = NaN;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const since = (): number => performance.now() - startedAt;
  const text = await thread.turn('Say three words', {
    event() {
      if (Number.isNaN(firstEventMs)) firstEventMs = since();
    },
    text() {
      if (Number.isNaN(firstTextMs)) firstTextMs = since();
    },
  });
  const endMs = since();
  const { user, system } = process.cpuUsage(cpu);
  if (!text.startsWith('word 0 word 1 word 2')) throw new Error(`Unexpected answer: ${text}`);
  return { firstEventMs, firstTextMs, endMs, cpuMs: (user + system) / 1000 };
}

process.on('message', (request: WorkerRequest) => {
  answer(request).then(
    (result) => process.send?.({ result } satisfies WorkerReply),
    (error: unknown) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.send?.({ error: text } satisfies WorkerReply);
    },
  );
});
process.on('disconnect', () => {
  process.exit();
});
