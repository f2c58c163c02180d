import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ChaosModel, inputOf, keyOf, type ChaosTurn } from './chaos-model.js';
import type { ChaosEngine } from './chaos-engine.js';
import type { ChaosSize } from './chaos-size.js';
import type { ChaosStore } from './chaos-store.js';
import type { Disturbance } from './disturbance.js';
import { Disturber } from './disturber.js';
import { Machine, writeHome, type Crash } from './machine.js';
import { processesWith, type TurnNote } from './worker-process.js';

/** The parameters of a run. */
export interface ChaosRunProps {
  readonly engine: ChaosEngine;
  readonly home: 'own' | 'shared';
  readonly size: ChaosSize;
}

/** The results of a run, for the verdict. */
export interface ChaosTraces {
  readonly size: ChaosSize;
  readonly model: ChaosModel;
  readonly store: ChaosStore;
  readonly disturbances: readonly Disturbance[];
  /** The reports of workers about turns that they did not finish. */
  readonly notes: readonly TurnNote[];
  readonly failed: readonly string[];
  readonly isStuck: boolean;
  readonly seconds: number;
  readonly work: ChaosPlaces;
  readonly crashes: readonly Crash[];
  readonly exitCodes: readonly (number | null)[];
  /** The last output of workers that failed. */
  readonly said: readonly string[];
  readonly processesLeft: readonly string[];
}

/** The directories to which commands write. */
export interface ChaosPlaces {
  /** The working directory: a file for each turn. */
  readonly inside: string;
  /** A directory to which the sandbox denies access. */
  readonly outside: string;
}

/** Runs all turns on an engine with disturbances, and judges the results. */
export async function chaosRun<T>(
  { engine, home, size }: ChaosRunProps,
  judge: (traces: ChaosTraces) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(homedir(), '.fleet-chaos-'));
  const work = { inside: join(directory, 'work'), outside: join(directory, 'outside') };
  for (const place of Object.values(work)) await mkdir(place);
  await using model = await ChaosModel.start((turn) => commandOf(turn, work));
  const mark = randomUUID();
  const sharedHome = home === 'shared' ? join(directory, 'shared-home') : null;
  if (sharedHome !== null) await writeHome(sharedHome);
  const store = await engine.store(directory);
  const environment = {
    CHAOS_RUN: mark,
    FLEET_PROVIDER: model.baseUrl,
    FLEET_STORE: store.place,
    FLEET_CONCURRENCY: String(size.concurrency),
    FLEET_LEASE_MS: String(size.leaseMs),
    FLEET_DIRECTORY: work.inside,
  };
  const machines = await Promise.all(
    Array.from({ length: size.workers }, async (_, index) =>
      Machine.start({ number: index + 1, engine, directory, sharedHome, environment, keyOf }),
    ),
  );
  const began = Date.now();
  const disturber = new Disturber(machines, store, size);
  await allAdded(engine, size);
  const wasStuck = !(await until(engine, size.threads * size.turns, size, disturber));
  const seconds = (Date.now() - began) / 1000;
  await disturber.end();
  const check = size.turns + 1;
  for (const thread of threadsOf(size)) await engine.add(turnOf({ thread, number: check }));
  const isStuck = !(await until(engine, size.threads * check, size, null)) || wasStuck;
  const { failed } = await engine.ended();
  const said = (): string[] => machines.map(({ worker }) => `${worker.name}: ${worker.said}`);
  const exitCodes = await Promise.all(machines.map(async (machine) => machine.close()));
  for (let tries = 0; tries < 50 && processesWith(`CHAOS_RUN=${mark}`).length > 0; tries += 1)
    await pause(100);
  const left = processesWith(`CHAOS_RUN=${mark}`);
  for (const { pid } of left) process.kill(pid, 'SIGKILL');
  const verdict = await judge({
    size,
    model,
    store,
    disturbances: disturber.disturbances,
    notes: machines.flatMap(({ notes }) => notes),
    failed,
    isStuck,
    seconds,
    work,
    crashes: machines.flatMap(({ crashes }) => crashes),
    exitCodes,
    said: said(),
    processesLeft: left.map(({ pid, command }) => `${pid}: ${command}`),
  });
  await store.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  return verdict;
}

/** The threads of a run. */
export function threadsOf({ threads }: ChaosSize): readonly string[] {
  return Array.from({ length: threads }, (_, index) => `thread-${index + 1}`);
}

/** Whether a turn has full access, which the turns after it must not have. */
export function isUnbound({ thread, number }: ChaosTurn): boolean {
  return number === 2 && Number(thread.split('-').at(-1)) % 4 === 1;
}

function turnOf(turn: ChaosTurn): Parameters<ChaosEngine['add']>[0] {
  return {
    thread: turn.thread,
    input: inputOf(turn),
    ...(isUnbound(turn) ? { sandboxMode: 'danger-full-access' as const } : {}),
  };
}

async function allAdded(engine: ChaosEngine, { turns, ...size }: ChaosSize): Promise<void> {
  for (let number = 1; number <= turns; number += 1)
    for (const thread of threadsOf({ turns, ...size }))
      await engine.add(turnOf({ thread, number }));
}

/** Writes one line inside for each run of the command, and a file outside if the sandbox permits. */
function commandOf({ thread, number }: ChaosTurn, { inside, outside }: ChaosPlaces): string {
  const name = `${thread}.${number}`;
  return `echo ran >> ${inside}/${name}; echo ran >> ${outside}/${name}`;
}

/** False if the deadline passed first. */
async function until(
  engine: ChaosEngine,
  count: number,
  { deadlineMs }: ChaosSize,
  disturber: Disturber | null,
): Promise<boolean> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const all = await engine.ended().then(
      (ended) => ended.all,
      () => 0,
    );
    if (all >= count) return true;
    if (Date.now() > end) return false;
    await disturber?.tick();
    await pause(100);
  }
}
