import { readFileSync, readlinkSync } from 'node:fs';
import os from 'node:os';
import { identify, isRunning, type ProcessIdentity } from './process-tree.js';

/** A process that uses this library, as recorded in files for other processes. */
export interface HostProcess extends ProcessIdentity, Scope {}

/** The scope in which process ids are unique. */
interface Scope {
  readonly machine: string;
  readonly boot: string;
  readonly namespace: string;
}

/** This process, or null if the operating system does not provide its start time. */
export async function thisHost(): Promise<HostProcess | null> {
  const identity = await identify(process.pid);
  return identity === null ? null : { ...identity, ...scope() };
}

/**
 * The state of a recorded process. `rebooted`: the machine has restarted since, so all its processes have ended.
 * `unknown`: another machine or container that shares the folder, or an invalid record.
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

/** Available only on Linux. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
