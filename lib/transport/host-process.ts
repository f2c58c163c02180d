import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import { identify, isRunning, type ProcessIdentity } from './process-tree.js';

/** A process that uses this library, as it is written into files that other processes read. */
export interface HostProcess extends ProcessIdentity, Scope {}

/** Where process numbers mean the same. */
interface Scope {
  readonly machine: string;
  readonly boot: string;
  readonly namespace: string;
}

/** This process, or null where the operating system does not tell when it started. */
export async function thisHost(): Promise<HostProcess | null> {
  const identity = await identify(process.pid);
  return identity === null ? null : { ...identity, ...scope() };
}

/**
 * What became of the process that wrote this down. `rebooted`: the machine has started anew since, so all its processes are
 * gone. `unknown`: another machine or container that shares the folder, or something that is no {@link HostProcess}.
 */
export async function fateOf(
  written: unknown,
): Promise<'running' | 'dead' | 'rebooted' | 'unknown'> {
  if (!isHostProcess(written)) return 'unknown';
  const { machine, boot, namespace } = scope();
  if (written.machine !== machine) return 'unknown';
  if (written.boot !== boot) return 'rebooted';
  if (written.namespace !== namespace) return 'unknown';
  return (await isRunning(written)) ? 'running' : 'dead';
}

function isHostProcess(value: unknown): value is HostProcess {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startedAt, machine } = value as Partial<Record<keyof HostProcess, unknown>>;
  return typeof pid === 'number' && typeof startedAt === 'string' && typeof machine === 'string';
}

function scope(): Scope {
  return {
    machine: os.hostname(),
    boot: orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: orEmpty(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** Only Linux has these. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
