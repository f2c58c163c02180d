import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Context } from 'mocha';
import { setTimeout as wait } from 'node:timers/promises';
import { leaveOut } from './left-out.js';

// Every process that a spec starts inherits this mark, also one that lost its parent.
const mark = `CODEX_THREADS_SPEC_RUN=${randomUUID()}`;

/** The numbers of processes that outlive clients: servers, which those end who started them. */
export const processesThatStay = new Set<number>();

/** The living processes, other than this one, that this run of the specs has started. Empty where there is no /proc. */
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

/** Resolves once no process of this run is left; rejects with their names when they stay. */
export async function noProcessLeft(deadlineMs = 5000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (processesLeft().length > 0) {
    if (Date.now() > end) throw new Error(`Processes left:\n${processesLeft().join('\n')}`);
    await wait(20);
  }
}

export const mochaHooks = {
  beforeAll(this: Context): void {
    const { CODEX_THREADS_SPEC_TRANSPORT: way = 'stdio' } = process.env;
    if (way !== 'stdio' && this.test?.parent) leaveOut(this.test.parent);
    const [name, value] = mark.split('=') as [string, string];
    process.env[name] = value;
    for (const key of ['CODEX_API_KEY', 'OPENAI_API_KEY', 'CODEX_PATH', 'CODEX_HOME'])
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete process.env[key];
    // Another codex-rs than the pinned one, to find out what of this works with it.
    const { CODEX_THREADS_SPEC_CODEX: other } = process.env;
    if (other !== undefined) process.env.CODEX_PATH = other;
  },
  async afterAll(): Promise<void> {
    await noProcessLeft();
  },
};
