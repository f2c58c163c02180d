import type { Arena } from './arena.js';
import { contenderNames, type ContenderName } from './contender.js';
import { ProcessMemory } from './process-memory.js';
import { unavailable } from './installed-peers.js';
import { quantile, sorted, type Samples } from './samples.js';
import type { WorkerProcess } from './worker-process.js';

/** Properties of a measure. */
export interface MeasureContext {
  readonly arena: Arena;
  readonly samples: Samples;
  /** Whether the run only has to check that everything works. */
  readonly isQuick: boolean;
}

/** A measurement: takes its samples in rounds that include every contender. */
export type Measure = (context: MeasureContext) => Promise<void>;

const remote = 'codex-threads over a WebSocket';
/** The contenders that can run on this machine. */
const all: readonly ContenderName[] = contenderNames.filter((name) => !unavailable().has(name));
// The transport does not affect the other measures.
const local: readonly ContenderName[] = all.filter((name) => name !== remote);
const clients: readonly ContenderName[] = all.filter((name) => !name.endsWith('ephemeral'));
const appServerClients: readonly ContenderName[] = ['codex-threads', 'raw'];

/** All measures by name. */
export const measures: Readonly<Record<string, Measure>> = {
  load,
  describe,
  cold,
  warm,
  stream,
  deltas,
  threads,
  crowd,
  overriding,
  stored,
  memory,
};

async function load({ arena, samples, isQuick }: MeasureContext): Promise<void> {
  const ways = [
    ['codex-threads', 'import'],
    ['codex-threads', 'require'],
    ['official SDK', 'import'],
  ] as const;
  for (let round = 0; round < (isQuick ? 1 : 15); round += 1)
    for (const [contender, how] of rotated(ways, round)) {
      const worker = await arena.worker(contender);
      const { durationMs, mebibytes } = await worker.ask('load', { how });
      await worker.close();
      const add = (metric: string, value: number): void => {
        samples.add({ metric: `${how} of the package${metric}`, contender, round, value });
      };
      add(', ms', durationMs);
      add(': memory, MiB', mebibytes);
    }
}

async function describe({ arena, samples, isQuick }: MeasureContext): Promise<void> {
  const contender = 'codex-threads';
  const worker = await arena.worker(contender);
  for (let round = 0; round < (isQuick ? 1 : 10); round += 1) {
    const value = await worker.ask('describe', { count: isQuick ? 100 : 2000 });
    samples.add({ metric: 'build and validate a thread, µs', contender, round, value });
  }
  await worker.close();
}

async function cold({ arena, samples, isQuick }: MeasureContext): Promise<void> {
  for (let round = 0; round < (isQuick ? 1 : 12); round += 1)
    for (const contender of rotated(local, round)) {
      const worker = await arena.worker(contender);
      const value = await worker.ask('cold', {});
      await worker.close();
      samples.add({ metric: 'cold: import to first turn done, ms', contender, round, value });
    }
}

async function warm(context: MeasureContext): Promise<void> {
  const { samples } = context;
  const schedule = { script: 'answer', lots: 6, roundsPerLot: 12 };
  await inRounds(context, all, schedule, async (worker, contender, round) => {
    const turns = await worker.ask('turns', { uncounted: 0, count: 2 });
    for (const { endMs, firstEventMs, firstTextMs } of turns) {
      samples.add({ metric: 'warm turn, ms', contender, round, value: endMs });
      samples.add({ metric: 'warm: first event, ms', contender, round, value: firstEventMs });
      samples.add({ metric: 'warm: first text, ms', contender, round, value: firstTextMs });
    }
  });
}

async function stream(context: MeasureContext): Promise<void> {
  const metric = 'first text of a 2 s stream, ms';
  const counts = { uncounted: 0, count: 1 };
  const schedule = { script: 'stream', lots: 3, roundsPerLot: 2 };
  await inRounds(context, clients, schedule, async (worker, contender, round) => {
    for (const { firstTextMs: value } of await worker.ask('turns', counts))
      context.samples.add({ metric, contender, round, value });
  });
}

async function deltas(context: MeasureContext): Promise<void> {
  const { samples, isQuick } = context;
  const script = `deltas-${isQuick ? 500 : 20_000}`;
  const counts = { uncounted: 0, count: 1 };
  await inRounds(
    context,
    clients,
    { script, lots: 3, roundsPerLot: 4 },
    async (worker, contender, round) => {
      for (const { endMs, cpuMs } of await worker.ask('turns', counts)) {
        samples.add({ metric: '20,000 deltas, ms', contender, round, value: endMs });
        samples.add({
          metric: '20,000 deltas: processor time of the host, ms',
          contender,
          round,
          value: cpuMs,
        });
      }
    },
  );
}

async function threads(context: MeasureContext): Promise<void> {
  for (const count of context.isQuick ? [1, 4] : [1, 4, 16, 32])
    await atOnce(context, count, local, 4);
}

/** Excludes the official SDK, which would start 200 processes at once. */
async function crowd(context: MeasureContext): Promise<void> {
  await atOnce(context, context.isQuick ? 8 : 200, appServerClients, 3);
}

async function atOnce(
  { arena, samples, isQuick }: MeasureContext,
  count: number,
  contenders: readonly ContenderName[],
  rounds: number,
): Promise<void> {
  for (let round = 0; round < (isQuick ? 1 : rounds); round += 1)
    for (const contender of rotated(contenders, round)) {
      const worker = await arena.worker(contender);
      const memory = new ProcessMemory(worker.pid);
      const { durationMs: value, turnsMs } = await worker.ask('threads', { count });
      const peak = memory.stop();
      await worker.close();
      const metric = `${count} ${count === 1 ? 'thread' : 'threads'} at once`;
      samples.add({ metric: `${metric}, ms`, contender, round, value });
      if (count >= 100) {
        const turns = sorted(turnsMs);
        const spread = quantile(turns, 0.95) / quantile(turns, 0.5);
        const name = `${metric}: p95 of a turn by its median`;
        samples.add({ metric: name, contender, round, value: spread });
      }
      if (peak === null) continue;
      samples.add({ metric: `${metric}: memory, MiB`, contender, round, value: peak });
    }
}

async function overriding({ arena, samples, isQuick }: MeasureContext): Promise<void> {
  const contender = 'codex-threads';
  const worker = await arena.worker(contender);
  const count = isQuick ? 1 : 10;
  for (let round = 0; round < (isQuick ? 1 : 8); round += 1)
    for (const overrides of rotated([false, true], round)) {
      const value = await worker.ask('overriding', { count, overrides });
      const metric = overrides ? 'ten turns of a clone with an override, ms' : 'ten turns, ms';
      samples.add({ metric, contender, round, value });
    }
  await worker.close();
}

/** The same calls on a home with just the threads that are listed, with many stored threads, and with many loaded threads. */
async function stored({ arena, samples, isQuick }: MeasureContext): Promise<void> {
  const contender = 'codex-threads';
  const crowded = isQuick ? 50 : 10_000;
  const places: readonly [string, WorkerProcess][] = [
    ['20 stored threads', await arena.worker(contender, 'answer', { threads: 20 })],
    ['10,000 stored threads', await arena.worker(contender, 'answer', { threads: crowded })],
    ['1,000 loaded threads', await arena.worker(contender)],
  ];
  await places[2]?.[1].ask('loaded', { count: isQuick ? 20 : 1000 });
  for (const [, worker] of places) await worker.ask('stored', {});
  for (let round = 0; round < (isQuick ? 1 : 10); round += 1)
    for (const [place, worker] of rotated(places, round)) {
      const { listMs, findMs, resumeMs } = await worker.ask('stored', {});
      const add = (work: string, value: number): void => {
        samples.add({ metric: `${work}: ${place}, ms`, contender, round, value });
      };
      add('list 20 threads', listMs);
      add('find a thread by its label', findMs);
      add('resume a thread with a turn', resumeMs);
    }
  for (const [, worker] of places) await worker.close();
}

/**
 * 20,000 turns in one process, with a new thread after every 200: a longer thread costs more in codex-rs. The threads are
 * ephemeral, which halves the time and is the same for this package.
 */
async function memory({ arena, samples, isQuick }: MeasureContext): Promise<void> {
  const contender = 'codex-threads ephemeral';
  const worker = await arena.worker(contender);
  const [lots, turns] = isQuick ? [4, 2] : [100, 200];
  const run = async (): Promise<void> => {
    await worker.ask('turns', { uncounted: turns, count: 0 });
  };
  for (let lot = 0; lot < lots / 10; lot += 1) await run();
  const before = await worker.ask('footprint', {});
  for (let lot = 0; lot < lots; lot += 1) await run();
  const after = await worker.ask('footprint', {});
  await worker.close();
  const kibibytes = (after.heapBytes - before.heapBytes) / 1024;
  const growth = { metric: 'memory: growth a turn, KiB', value: kibibytes / (lots * turns) };
  samples.add({ ...growth, contender, round: 0 });
  const gained = after.listeners - before.listeners;
  samples.add({ metric: 'memory: listeners gained', contender, round: 0, value: gained });
}

/**
 * Rounds that alternate between the same processes: with more rounds, a slow moment of the machine has less weight. One
 * process may be slower than another of the same program, so there are several sets of processes.
 */
async function inRounds(
  { arena, isQuick }: MeasureContext,
  contenders: readonly ContenderName[],
  { script, lots, roundsPerLot }: Schedule,
  ask: (worker: WorkerProcess, contender: ContenderName, round: number) => Promise<void>,
): Promise<void> {
  const rounds = isQuick ? 1 : roundsPerLot;
  for (let lot = 0; lot < (isQuick ? 1 : lots); lot += 1) {
    const workers: [WorkerProcess, ContenderName][] = [];
    for (const contender of rotated(contenders, lot)) {
      const worker = await arena.worker(contender, script);
      workers.push([worker, contender]);
      if (!isQuick) await worker.ask('turns', { uncounted: 2, count: 0 });
    }
    for (let round = 0; round < rounds; round += 1)
      for (const [worker, contender] of rotated(workers, round))
        await ask(worker, contender, lot * rounds + round);
    for (const [worker] of workers) await worker.close();
  }
}

interface Schedule {
  readonly script: string;
  readonly lots: number;
  readonly roundsPerLot: number;
}

/** Each round begins with a different one. */
function rotated<T>(all: readonly T[], round: number): readonly T[] {
  const start = round % all.length;
  return [...all.slice(start), ...all.slice(0, start)];
}
