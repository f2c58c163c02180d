import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { turnKey } from '../../../examples/fleet/turn-job.js';
import { answerOf, inputOf, type ChaosTurn, type ModelCall } from './chaos-model.js';
import { isUnbound, threadsOf, type ChaosTraces } from './chaos-run.js';
import type { Crash } from './machine.js';
import type { Disturbance } from './disturbance.js';

/** The verdict on a run. */
export interface ChaosVerdict {
  /** The number of turns, including those after the disturbances. */
  readonly turns: number;
  readonly recordedOnce: number;
  readonly seconds: number;
  /** The number of disturbances of each kind. */
  readonly disturbances: string;
  readonly requests: number;
  /** Turns for which the model got more than one request. */
  readonly askedAgain: number;
  /** The number of command runs, over all turns. */
  readonly commands: number;
  /** The broken promises, each with its evidence. */
  readonly broken: readonly string[];
}

/** Judges a run by the requests to the model instead of the reports of workers. */
export async function judged(traces: ChaosTraces): Promise<ChaosVerdict> {
  const { size, model, disturbances } = traces;
  const turns = threadsOf(size).flatMap((thread) =>
    Array.from({ length: size.turns + 1 }, (_, index) => ({ thread, number: index + 1 })),
  );
  const unrecorded = await notRecordedOnce(traces);
  const wrong = model.calls.filter((call) => !hasRightHistory(call));
  const repeated = repeats(model.calls);
  const ran = await Promise.all(turns.map(async (turn) => timesRan(traces.work.inside, turn)));
  const broken = [
    ...(traces.isStuck ? ['some turns did not end in time'] : []),
    ...traces.failed.map((turn) => `failed: ${turn}`),
    ...unrecorded.map((thread) => `not recorded once: ${thread}`),
    ...wrong.map((call) => `wrong history: ${shown(call)}`),
    ...repeated
      .filter((repeat) => !isExplained(repeat, disturbances) && !isGivenUp(repeat, traces))
      .map(({ first, again }) =>
        [
          `asked again without a cause: ${shown(first)} ${shown(again)}`,
          ...traces.notes
            .filter(({ turn }) => turn === turnKey(first))
            .map(({ worker, at, text }) => `${worker} at ${at % 1_000_000}: ${text}`),
        ].join('; '),
      ),
    ...(await sandboxBroken(traces.work.outside, turns)),
    ...turns.filter((_, index) => ran[index] === 0).map((turn) => `never ran: ${turnKey(turn)}`),
    ...model.strange.map((request) => `strange request: ${request}`),
    ...traces.crashes
      .filter((crash) => !isWithoutStore(crash, disturbances))
      .map(({ said }) => `a worker exited by itself: ${said}`),
    ...traces.exitCodes.flatMap((code, index) =>
      code === 0 ? [] : [`a worker ended with ${code}: ${traces.said[index] ?? ''}`],
    ),
    ...traces.processesLeft.map((process) => `left: ${process}`),
  ];
  return {
    turns: turns.length,
    recordedOnce: turns.length - unrecorded.length,
    seconds: Math.round(traces.seconds),
    disturbances: counted(disturbances),
    requests: model.calls.length,
    askedAgain: new Set(repeated.map(({ again }) => turnKey(again))).size,
    commands: ran.reduce((sum, times) => sum + times, 0),
    broken,
  };
}

async function notRecordedOnce({ size, store: { store } }: ChaosTraces): Promise<string[]> {
  const found = await Promise.all(
    threadsOf(size).map(async (thread) => {
      const stored = await store.load(thread);
      const keys = (stored?.record.turns ?? []).map(({ key }) => key);
      const wanted = Array.from({ length: size.turns + 1 }, (_, i) =>
        turnKey({ thread, number: i + 1 }),
      );
      if (keys.join() === wanted.join()) return [];
      return wanted
        .filter((key) => keys.filter((other) => other === key).length !== 1)
        .map((key) => `${key} of ${keys.join()}`);
    }),
  );
  return found.flat();
}

/** Checks that a request has every input once and in order, with every earlier answer. */
function hasRightHistory({ thread, number, said, answered }: ModelCall): boolean {
  const numbers = Array.from({ length: number }, (_, index) => ({ thread, number: index + 1 }));
  const inputs = numbers.map(inputOf);
  const answers = numbers.slice(0, -1).map(answerOf);
  return said.join() === inputs.join() && answered.join() === answers.join();
}

interface Repeat {
  readonly first: ModelCall;
  readonly again: ModelCall;
}

/** Repeated requests. */
function repeats(calls: readonly ModelCall[]): Repeat[] {
  const newest = new Map<string, ModelCall>();
  return calls.flatMap((again) => {
    const step = `${turnKey(again)} ${again.step}`;
    const first = newest.get(step);
    newest.set(step, again);
    return first === undefined ? [] : [{ first, again }];
  });
}

/** Whether a disturbance hit the worker of a request during the turn, or the worker that repeated it. */
function isExplained({ first, again }: Repeat, disturbances: readonly Disturbance[]): boolean {
  return disturbances.some(
    ({ worker, from, until }) =>
      (worker === first.worker || worker === again.worker) && from <= again.at && until >= first.at,
  );
}

/** A worker that is too slow to send a sign of life loses its turns to others, stops them, and reports that. */
function isGivenUp({ first, again }: Repeat, { notes, size }: ChaosTraces): boolean {
  return notes.some(
    ({ worker, turn, at, text }) =>
      worker === first.worker &&
      turn === turnKey(first) &&
      text.includes('abandoned') &&
      first.at <= at &&
      at <= again.at + size.leaseMs,
  );
}

/** A worker may exit if it is started while the store is unavailable. */
function isWithoutStore({ at }: Crash, disturbances: readonly Disturbance[]): boolean {
  return disturbances.some(
    ({ kind, from, until }) => kind === 'store-down' && from <= at && at <= until + 2000,
  );
}

async function sandboxBroken(outside: string, turns: readonly ChaosTurn[]): Promise<string[]> {
  const written = new Set(await readdir(outside));
  return turns.flatMap((turn) => {
    const isWritten = written.has(`${turn.thread}.${turn.number}`);
    if (isUnbound(turn))
      return isWritten ? [] : [`a turn that may do everything wrote nothing: ${turnKey(turn)}`];
    return isWritten ? [`outside its sandbox: ${turnKey(turn)}`] : [];
  });
}

async function timesRan(inside: string, { thread, number }: ChaosTurn): Promise<number> {
  const text = await readFile(join(inside, `${thread}.${number}`), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '').length;
}

function counted(disturbances: readonly Disturbance[]): string {
  const kinds = [...new Set(disturbances.map(({ kind }) => kind))].sort();
  return kinds
    .map((kind) => `${kind} ${disturbances.filter((other) => other.kind === kind).length}`)
    .join(', ');
}

function shown({ thread, number, step, worker, said, answered, at }: ModelCall): string {
  const history = [...said, ...answered].join(', ');
  return `[${thread}/${number}.${step} by ${worker} at ${at % 1_000_000}: ${history}]`;
}
