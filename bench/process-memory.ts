import { readFileSync, readdirSync } from 'node:fs';

const everyMs = 100;

/**
 * The memory that processes use, in mebibytes, with each page they share counted once (PSS). Linux only.
 */
export class ProcessMemory {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  /** Watches a process and all its descendants. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => {
      this.#look();
    }, everyMs);
  }

  /** Ends the watch: returns the peak, or null if the system does not report it. */
  stop(): number | null {
    clearInterval(this.#timer);
    this.#look();
    return this.#peak === 0 ? null : this.#peak;
  }

  #look(): void {
    const kibibytes = below(this.#pid).reduce((sum, pid) => sum + proportionalSet(pid), 0);
    this.#peak = Math.max(this.#peak, kibibytes / 1024);
  }
}

/** The process and all its descendants. */
function below(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of read(() => readdirSync('/proc')) ?? []) {
    const stat = /^\d+$/.test(name)
      ? read(() => readFileSync(`/proc/${name}/stat`, 'latin1'))
      : null;
    if (stat === null) continue;
    // The name in the second field may contain brackets.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function proportionalSet(pid: number): number {
  const text = read(() => readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
  return Number(/^Pss:\s+(\d+)/m.exec(text ?? '')?.[1] ?? 0);
}

/** Null for an exited process, or without Linux. */
function read<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}
