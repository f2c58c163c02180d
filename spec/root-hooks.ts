import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers';
import type { Context } from 'mocha';
import { setTimeout as wait } from 'node:timers/promises';
import { timers } from '../lib/timers.js';
import { leaveOut } from './left-out.js';
import { prepareHome } from './prepared-home.js';

// All processes started by a spec inherit this mark, including orphans.
const mark = `CODEX_THREADS_SPEC_RUN=${randomUUID()}`;

/** The ids of processes that outlive clients: servers, ended by the code that started them. */
export const processesThatStay = new Set<number>();

/** The running processes started by this run of the specs, except this one. Empty without /proc. */
export function processesLeft(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) => !processesThatStay.has(Number(entry)))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)) return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return command === '' ? [] : [`${pid}: ${command}`];
      } catch {
        return [];
      }
    });
}

/** Resolves when all processes of this run have exited; rejects with their names if they do not. */
export async function noProcessLeft(deadlineMs = 5000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (processesLeft().length > 0) {
    if (Date.now() > end) throw new Error(`Processes left:\n${processesLeft().join('\n')}`);
    await wait(20);
  }
}

/** Once per run, before the first file. */
export const mochaGlobalSetup = prepareHome;

export const mochaHooks = {
  beforeAll(this: Context): void {
    const { CODEX_THREADS_SPEC_TRANSPORT: way = 'stdio' } = process.env;
    if (way !== 'stdio' && this.test?.parent) leaveOut(this.test.parent);
    const [name, value] = mark.split('=') as [string, string];
    process.env[name] = value;
    for (const key of ['CODEX_API_KEY', 'OPENAI_API_KEY', 'CODEX_PATH', 'CODEX_HOME'])
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete process.env[key];
    // Another codex-rs than the pinned one, to test compatibility.
    const { CODEX_THREADS_SPEC_CODEX: other } = process.env;
    if (other !== undefined) process.env.CODEX_PATH = other;
  },
  async afterAll(): Promise<void> {
    // The specs of the next file may run in this process.
    if (timers.setTimeout !== setTimeout)
      throw new Error('The timers of the library are still fake.');
    await noProcessLeft();
  },
};
