import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunTurnOptions } from '../../lib/fleet/index.js';
import type { OfflineCodex } from '../offline-codex.js';
import { withoutShells } from './two-machines.js';

/** What a worker is told to do. */
export interface Order {
  readonly machine: OfflineCodex;
  readonly directory: string;
  readonly key: string;
  readonly input: string;
  readonly turn: Omit<RunTurnOptions, 'thread' | 'onEvent' | 'signal'>;
}

/** Runs a turn in a worker process and kills that (SIGKILL) once this has happened. Its codex-rs is killed with it, as when the machine is. */
export async function killedWorker(
  { machine, ...order }: Order,
  when: 'unrecorded' | Promise<unknown>,
): Promise<void> {
  const isHeld = when === 'unrecorded';
  const options = { ...machine.options, config: withoutShells };
  const program = resolve('.build/spec/fleet/fleet-worker.js');
  const worker = spawn(process.execPath, [program, JSON.stringify({ ...order, options, isHeld })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(worker, 'exit');
  const lines = createInterface(worker.stdout)[Symbol.asyncIterator]();
  const { value: processId } = (await lines.next()) as { value: string };
  await (isHeld ? lines.next() : when);
  worker.kill('SIGKILL');
  process.kill(Number(processId), 'SIGKILL');
  await exited;
  while (existsSync(`/proc/${processId}`)) await wait(10);
}
