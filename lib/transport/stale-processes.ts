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

/** The things that a host process would leave behind if it were killed. */
export interface ProcessRecord {
  /** A process that it started. */
  readonly pid?: number;
  /** The environment entry that identifies the orphans of that process. */
  readonly marker?: string;
  /** A temporary CODEX_HOME that it created; its name begins with `codex-threads-` or `.codex-threads-`. */
  readonly home?: string;
}

/**
 * Cleans up after host processes that were killed. Each host records what it starts, in one small file each; the next
 * host ends and removes everything that belongs to a dead one.
 *
 * A process is identified by its id and start time, so a later process with the same id is never touched. Nothing is
 * recorded if the operating system does not provide start times (Windows) or the folder is not writable.
 */
export class StaleProcesses {
  readonly #directory: string;

  /** @param directory - the folder of the records; `~/.codex-threads/processes` by default */
  constructor(directory = path.join(os.homedir(), '.codex-threads', 'processes')) {
    this.#directory = directory;
  }

  /**
   * Records what this process has started or created. Resolves with a function that removes the record; never rejects.
   */
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
      // Not writable: the exit hook and the end of standard input still end the child.
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
    // It is just being written.
    return undefined;
  }
}
