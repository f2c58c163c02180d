// Measures the cost of a stored turn: with many stored threads, on another machine, and in a fleet on BullMQ against one process.
// Needs PostgreSQL and Redis, so it is run by hand. usage: npm run bench:fleet [-- stored | moved | wall] [-- --rounds=N]
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { PostgresThreadStore, runTurn, type ThreadStore } from '../lib/fleet/index.js';
import { Codex } from '../lib/index.js';
import { BullmqUnderChaos } from '../spec/fleet/chaos/bullmq-under-chaos.js';
import { ChaosModel, inputOf, keyOf } from '../spec/fleet/chaos/chaos-model.js';
import { Machine, writeHome } from '../spec/fleet/chaos/machine.js';
import { PostgresServer } from '../spec/fleet/postgres-server.js';
import { TwoMachines } from '../spec/fleet/two-machines.js';
import { quantile, sorted } from './samples.js';

/** Two ways to perform the same work, each timed once in every round. */
interface Pair {
  readonly names: readonly [string, string];
  readonly goal: number;
  readonly run: readonly [() => Promise<unknown>, () => Promise<unknown>];
}

const storedThreads = 10_000;
const wall = { threads: 16, turns: 3, workers: 3, concurrency: 2 };

async function main(args: readonly string[]): Promise<void> {
  const wanted = args.filter((arg) => !arg.startsWith('--'));
  const told = args.find((arg) => arg.startsWith('--rounds='))?.split('=')[1];
  const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
  if (isWanted('stored') || isWanted('moved')) {
    await using postgres = await PostgresServer.start();
    const pool = postgres.pool();
    await using machines = await TwoMachines.start();
    if (isWanted('stored')) await report(await stored(pool, machines), Number(told ?? 40));
    if (isWanted('moved')) await report(await moved(pool, machines), Number(told ?? 40));
    await pool.end();
  }
  if (isWanted('wall')) await fleetAgainstOneProcess(Number(told ?? 3));
}

/** A turn of a store with one thread, and of one with many. */
async function stored(pool: Pool, machines: TwoMachines): Promise<Pair> {
  const [codex] = machines.clients();
  const few = new PostgresThreadStore({ pool, schema: 'few' });
  const many = new PostgresThreadStore({ pool, schema: 'many' });
  const next = counter();
  await turn(many, codex, 'copied', next());
  // This number of threads with their bundles, each a copy of a real one.
  const copies = `generate_series(1, ${storedThreads}) copy`;
  await pool.query(
    `INSERT INTO many.pieces SELECT bundle || copy, number, bytes FROM many.pieces, ${copies}`,
  );
  await pool.query(`INSERT INTO many.threads (key, version, record, bundle)
    SELECT key || copy, version, record, bundle || copy FROM many.threads, ${copies}`);
  await pool.query('ANALYZE');
  const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM many.threads');
  console.log(`${rows[0]?.count ?? '0'} stored threads`);
  await turn(few, codex, 'measured', next());
  await turn(many, codex, 'measured', next());
  return {
    names: ['1 stored thread', `${storedThreads} stored threads`],
    goal: 1.1,
    run: [
      async () => turn(few, codex, 'measured', next()),
      async () => turn(many, codex, 'measured', next()),
    ],
  };
}

/** A turn on the machine that has the thread, and one on the machine that has to fetch it. */
async function moved(pool: Pool, machines: TwoMachines): Promise<Pair> {
  const [here, there] = machines.clients();
  const store = new PostgresThreadStore({ pool });
  const next = counter();
  await turn(store, here, 'warm', next());
  await turn(store, here, 'moved', next());
  await turn(store, there, 'moved', next());
  let isHere = false;
  return {
    names: ['warm', 'on another machine'],
    goal: 2.5,
    run: [
      async () => turn(store, here, 'warm', next()),
      async () => {
        isHere = !isHere;
        await turn(store, isHere ? here : there, 'moved', next());
      },
    ],
  };
}

async function turn(store: ThreadStore, codex: Codex, key: string, id: string): Promise<void> {
  await runTurn(store, codex, key, 'Go on', { idempotencyKey: id });
}

async function report({ names, goal, run }: Pair, rounds: number): Promise<void> {
  const times: readonly [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1)
    // The order alternates, so that neither always runs first.
    for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const began = performance.now();
      await run[index]();
      times[index].push(performance.now() - began);
    }
  const [one, other] = [quantile(sorted(times[0]), 0.5), quantile(sorted(times[1]), 0.5)];
  const ratio = other / one;
  console.log(
    `${names[0]}: ${one.toFixed(0)} ms, ${names[1]}: ${other.toFixed(0)} ms, ratio ${ratio.toFixed(2)}` +
      ` (goal: at most ${goal}), ${rounds} rounds, load ${loadavg()[0]?.toFixed(1) ?? ''}`,
  );
}

/** The same turns by one process with all threads loaded, and by three workers. */
async function fleetAgainstOneProcess(rounds: number): Promise<void> {
  const { threads, turns } = wall;
  const directory = await mkdtemp(join(homedir(), '.fleet-bench-'));
  const work = join(directory, 'work');
  await mkdir(work);
  await using model = await ChaosModel.start(() => 'true');
  const names = (round: string): string[] =>
    Array.from({ length: threads }, (_, index) => `${round}-${index + 1}`);
  await using engine = await BullmqUnderChaos.start();
  const environment = {
    FLEET_PROVIDER: model.baseUrl,
    FLEET_STORE: join(directory, 'store'),
    FLEET_CONCURRENCY: String(wall.concurrency),
    FLEET_DIRECTORY: work,
  };
  const machines = await Promise.all(
    Array.from({ length: wall.workers }, async (_, index) =>
      Machine.start({
        ...{ number: index + 1, engine, directory, sharedHome: null, environment, keyOf },
      }),
    ),
  );
  const home = join(directory, 'one-process');
  await writeHome(home);
  await using codex = new Codex({
    codexHome: home,
    apiKey: keyOf('one'),
    baseUrl: model.baseUrl,
    env: { ...(process.env as Record<string, string>), HOME: home },
    config: { features: { shell_snapshot: false } },
  });
  await codex.serverInfo();
  let count = 0;
  const inFleet = async (): Promise<void> => {
    const keys = names(`fleet${(count += 1)}`);
    const { all } = await engine.ended();
    for (let number = 1; number <= turns; number += 1)
      for (const thread of keys) await engine.add({ thread, input: inputOf({ thread, number }) });
    while ((await engine.ended()).all < all + threads * turns)
      await new Promise((resolve) => setTimeout(resolve, 50));
  };
  const inOneProcess = async (): Promise<void> => {
    const waiting = names(`one${(count += 1)}`);
    const slot = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const thread = codex.startThread({ workingDirectory: work });
        for (let number = 1; number <= turns; number += 1)
          await thread.run(inputOf({ thread: name, number }));
      }
    };
    await Promise.all(Array.from({ length: wall.workers * wall.concurrency }, slot));
  };
  await inFleet();
  await report(
    { names: ['one process', '3 workers'], goal: 1.5, run: [inOneProcess, inFleet] },
    rounds,
  );
  for (const machine of machines) await machine.close();
  await codex.close();
  await rm(directory, { recursive: true, maxRetries: 5 });
}

function counter(): () => string {
  let count = 0;
  return () => `turn-${(count += 1)}`;
}

void main(process.argv.slice(2));
