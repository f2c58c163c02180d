import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';

/** One process, told apart from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in whatever form the operating system gives; only good for comparing. */
  readonly startedAt: string;
}

interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
}

/** The process with this number, or null when there is none or the operating system does not tell. */
export function identify(pid: number): ProcessIdentity | null {
  if (process.platform !== 'linux') return null;
  const row = readStat(String(pid));
  return row === null ? null : { pid, startedAt: row.startedAt };
}

/** Everything below a process, at this moment. Empty where the operating system does not tell. */
export async function descendantsOf(pid: number): Promise<readonly ProcessIdentity[]> {
  const rows = await allProcesses();
  const found: ProcessRow[] = [];
  let parents = new Set([pid]);
  while (parents.size > 0) {
    const children = rows.filter((row) => parents.has(row.parent));
    found.push(...children);
    parents = new Set(children.map((row) => row.pid));
  }
  return found;
}

/** Kills those that still live. A process that only has the same number is left alone. */
export async function endAll(processes: readonly ProcessIdentity[]): Promise<void> {
  if (processes.length === 0) return;
  const now = new Map((await allProcesses()).map((row) => [row.pid, row.startedAt]));
  for (const { pid, startedAt } of processes) if (now.get(pid) === startedAt) kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

async function allProcesses(): Promise<readonly ProcessRow[]> {
  if (process.platform === 'linux')
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(readStat)
      .filter((row) => row !== null);
  if (process.platform === 'win32') return [];
  try {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,lstart=']);
    return stdout
      .split('\n')
      .map((line) => /^\s*(\d+)\s+(\d+)\s+(.+?)\s*$/.exec(line))
      .filter((match) => match !== null)
      .map(([, pid, parent, startedAt = '']) => ({
        pid: Number(pid),
        parent: Number(parent),
        startedAt,
      }));
  } catch {
    return [];
  }
}

function readStat(pid: string): ProcessRow | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in the second field may itself have spaces and brackets: the fields proper begin behind the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return { pid: Number(pid), parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return null;
  }
}
