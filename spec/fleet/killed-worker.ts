import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunTurnOptions } from '../../lib/fleet/index.js';
import type { OfflineCodex } from '../offline-codex.js';
import { withoutShells } from './two-machines.js';

/** The task of a worker. */
export interface Order {
  readonly machine: OfflineCodex;
  readonly directory: string;
  readonly key: string;
  readonly input: string;
  readonly turn: Omit<RunTurnOptions, 'thread' | 'onEvent' | 'signal'>;
}

/**
 * Runs a turn in a worker process, and kills the process (SIGKILL) once the event has happened. Its codex-rs is
 * killed with it, as in a crash of the machine.
 */
export async function killedWorker(
  order: Order,
  when: 'unrecorded' | Promise<unknown>,
): Promise<void> {
  const isHeld = when === 'unrecorded';
  const { worker, lines, processId } = await started(order, isHeld);
  const exited = once(worker, 'exit');
  await (isHeld ? lines.next() : when);
  worker.kill('SIGKILL');
  process.kill(Number(processId), 'SIGKILL');
  await exited;
  while (existsSync(`/proc/${processId}`)) await wait(10);
}

/** Stops a worker (SIGSTOP) once the first event has happened, resumes it after the second, and returns its output. */
export async function pausedWorker(
  order: Order,
  when: Promise<unknown>,
  meanwhile: () => Promise<unknown>,
): Promise<string> {
  const { worker, lines } = await started(order, false);
  const exited = once(worker, 'exit');
  await when;
  worker.kill('SIGSTOP');
  await meanwhile();
  worker.kill('SIGCONT');
  const { value } = (await lines.next()) as { value: string };
  await exited;
  return value;
}

async function started(
  { machine, ...order }: Order,
  isHeld: boolean,
): Promise<{
  readonly worker: ChildProcess;
  readonly lines: AsyncIterator<string>;
  readonly processId: string;
}> {
  const options = { ...machine.options, config: withoutShells };
  const program = resolve('.build/spec/fleet/fleet-worker.js');
  const worker = spawn(process.execPath, [program, JSON.stringify({ ...order, options, isHeld })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(worker.stdout)[Symbol.asyncIterator]();
  const { value: processId } = (await lines.next()) as { value: string };
  return { worker, lines, processId };
}
