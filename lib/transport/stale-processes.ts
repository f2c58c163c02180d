import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { timers } from '../timers.js';
import { fateOf, thisHost, type HostProcess } from './host-process.js';
import { pause } from '../pause.js';
import {
  descendantsOf,
  endAll,
  identify,
  isRunning,
  markedWith,
  terminate,
  type ProcessIdentity,
} from './process-tree.js';

const unknownRecordsKeptMs = 7 * 24 * 60 * 60 * 1000;
const politenessMs = 1000;

/** What a host process would leave behind if it were killed now. */
export interface ProcessRecord {
  /** A process it started. */
  readonly pid?: number;
  /** An entry in the environment of that process, by which its orphans are known. */
  readonly marker?: string;
  /** A temporary CODEX_HOME it made; its name begins with `codex-threads-` or `.codex-threads-`. */
  readonly home?: string;
}

/**
 * Knows what earlier host processes left behind: each writes down what it starts, one small file each, and the next one
 * ends and removes what belongs to a host that is dead.
 *
 * A process is known by its number and its start time, so that a later one with the same number is never touched. Where
 * the operating system tells no start time (Windows), and where the folder cannot be written, nothing is recorded.
 */
export class StaleProcesses {
  readonly #directory: string;

  /** @param directory - where the records lie; `~/.codex-threads/processes` by default */
  constructor(directory = path.join(os.homedir(), '.codex-threads', 'processes')) {
    this.#directory = directory;
  }

  /** Writes down what this process has started or made. Resolves with what removes the record; never rejects. */
  async record({ pid, marker, home }: ProcessRecord): Promise<() => Promise<void>> {
    const [host, child] = await Promise.all([thisHost(), pid === undefined ? null : identify(pid)]);
    if (host === null || (child === null && home === undefined))
      return async () => Promise.resolve();
    const record: StaleRecord = { host, child, marker, home };
    const file = path.join(this.#directory, `${process.pid}-${randomUUID()}.json`);
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await writeFile(file, JSON.stringify(record), { mode: 0o600 });
    } catch {
      // Nowhere to write: the exit hook and the end of the standard input still end the child.
    }
    return async () => remove(file);
  }

  /** Ends and removes what dead hosts left behind. Never rejects. */
  async sweep(): Promise<void> {
    const names = await readdir(this.#directory).catch(() => []);
    const files = names.filter((name) => name.endsWith('.json'));
    await Promise.all(
      files.map(async (name) => sweepFile(path.join(this.#directory, name)).catch(() => undefined)),
    );
  }
}

interface StaleRecord {
  readonly host: HostProcess;
  readonly child: ProcessIdentity | null;
  readonly marker: string | undefined;
  readonly home: string | undefined;
}

async function sweepFile(file: string): Promise<void> {
  const record = parse(await readFile(file, 'utf8'));
  switch (await fateOf(record?.host)) {
    case 'running':
      return;
    case 'unknown':
      if (timers.Date.now() - (await stat(file)).mtimeMs > unknownRecordsKeptMs) await remove(file);
      return;
    case 'dead':
      await endLeftovers(record);
      break;
    case 'rebooted':
      break;
  }
  if (isTemporaryHome(record?.home)) await remove(record.home);
  await remove(file);
}

async function endLeftovers({ child, marker }: Partial<StaleRecord> = {}): Promise<void> {
  const left: ProcessIdentity[] = [];
  if (child && (await isRunning(child))) {
    left.push(child, ...(await descendantsOf(child.pid)));
    await terminate(child.pid);
    const deadline = timers.performance.now() + politenessMs;
    while (timers.performance.now() < deadline && (await isRunning(child))) await pause(20);
  }
  await endAll([...left, ...(marker === undefined ? [] : markedWith(marker))]);
}

async function remove(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true }).catch(() => undefined);
}

function isTemporaryHome(home: unknown): home is string {
  return (
    typeof home === 'string' &&
    path.isAbsolute(home) &&
    /^\.?codex-threads-./.test(path.basename(home))
  );
}

function parse(text: string): Partial<StaleRecord> | undefined {
  try {
    return (JSON.parse(text) as Partial<StaleRecord> | null) ?? undefined;
  } catch {
    // Just being written.
    return undefined;
  }
}
