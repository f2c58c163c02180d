import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';

/** One process, distinguishable from a later one with the same id. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Its start time, in the format of the operating system; only for comparison. */
  readonly startedAt: string;
}

interface ProcessRow extends ProcessIdentity {
  readonly parent: number;
}

/** The process with this id, or null if it does not exist or the operating system does not provide the data. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const rows = process.platform === 'linux' ? [readStat(String(pid))] : await listed(pid);
  const row = rows.find((candidate) => candidate?.pid === pid);
  return row ? { pid, startedAt: row.startedAt } : null;
}

/** The current descendants of a process. Empty if the operating system does not provide them. */
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

/**
 * The processes with this entry in their environment: the orphans of a dead process, which have no other connection to
 * it. Linux only; empty elsewhere.
 */
export function markedWith(entry: string): readonly ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  return linuxProcesses().filter(({ pid }) => environmentOf(pid).includes(entry));
}

/** Whether it is still running. */
export async function isRunning({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.startedAt === startedAt;
}

/** Kills the processes that are still running. Does not touch a later process with the same id. */
export async function endAll(processes: readonly ProcessIdentity[]): Promise<void> {
  if (processes.length === 0) return;
  const now = new Map((await allProcesses()).map((row) => [row.pid, row.startedAt]));
  for (const { pid, startedAt } of processes) if (now.get(pid) === startedAt) kill(pid, 'SIGKILL');
}

/** Asks a process to end. On Windows, where this is not possible, kills it and its descendants. */
export async function terminate(pid: number): Promise<void> {
  if (process.platform !== 'win32') kill(pid, 'SIGTERM');
  else await run('taskkill', ['/pid', String(pid), '/T', '/F']).catch(() => undefined);
}

/** Promisified on each call: at load time it would load the child process module with every import. */
async function run(program: string, args: readonly string[]): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(program, args);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has exited in the meantime.
  }
}

async function allProcesses(): Promise<readonly ProcessRow[]> {
  return process.platform === 'linux' ? linuxProcesses() : listed();
}

function linuxProcesses(): readonly ProcessRow[] {
  return processNumbers()
    .map(readStat)
    .filter((row) => row !== null);
}

function processNumbers(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    // Node and Deno can deny a program access to files.
    return [];
  }
}

/** The output of `ps` for one process, or for all. */
async function listed(pid?: number): Promise<readonly ProcessRow[]> {
  if (process.platform === 'win32') return [];
  try {
    const which = pid === undefined ? ['-A'] : ['-p', String(pid)];
    const { stdout } = await run('ps', [...which, '-o', 'pid=,ppid=,lstart=']);
    return stdout
      .split('\n')
      .map((line) => /^\s*(\d+)\s+(\d+)\s+(.+?)\s*$/.exec(line))
      .filter((match) => match !== null)
      .map(([, own, parent, startedAt = '']) => ({
        pid: Number(own),
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
    // The name in the second field may contain spaces and parentheses; the other fields follow the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has exited; its parent has not collected its status yet.
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return { pid: Number(pid), parent: Number(fields[1]), startedAt: fields[19] ?? '' };
  } catch {
    return null;
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // A process of another user.
    return [];
  }
}
