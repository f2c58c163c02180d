import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isError } from '../shapes.js';
import { timers } from '../timers.js';
import type { FaultyThreadRecord } from './faulty-thread-record.js';
import type { FaultyReceived, FaultyStart, FaultyWorld } from './faulty-world.js';

// A watched folder may miss an event on some file systems: then it is looked at this often, only while somebody waits.
const fallbackMs = 200;

/** What the processes of one faulty app-server share with each other and with the spec: files in one flat folder. @internal */
export class FaultyDirectoryWorld implements FaultyWorld {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @inheritDoc */
  get starts(): readonly FaultyStart[] {
    const starts: FaultyStart[] = [];
    for (;;) {
      const start = this.#read(`start-${starts.length + 1}.json`) as FaultyStart | null;
      if (!start) return starts;
      starts.push(start);
    }
  }

  /** @inheritDoc */
  get received(): readonly FaultyReceived[] {
    const lines = this.#text('received.jsonl')?.split('\n') ?? [];
    // The last piece is empty, or the beginning of a line that is being written.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as FaultyReceived);
  }

  /** @inheritDoc */
  begin(start: Omit<FaultyStart, 'generation'>): number {
    mkdirSync(this.#directory, { recursive: true });
    for (let generation = 1; ; generation += 1)
      if (this.#create(`start-${generation}.json`, { generation, ...start })) return generation;
  }

  /** @inheritDoc */
  record(entry: FaultyReceived): void {
    appendFileSync(this.#path('received.jsonl'), `${JSON.stringify(entry)}\n`);
  }

  /** @inheritDoc */
  load(threadId: string): FaultyThreadRecord | null {
    return this.#read(`thread-${threadId}.json`) as FaultyThreadRecord | null;
  }

  /** @inheritDoc */
  list(): readonly FaultyThreadRecord[] {
    return readdirSync(this.#directory)
      .filter((name) => name.startsWith('thread-') && name.endsWith('.json'))
      .map((name) => this.#read(name) as FaultyThreadRecord | null)
      .filter((record) => record !== null);
  }

  /** @inheritDoc */
  save(record: FaultyThreadRecord): void {
    this.#write(`thread-${record.thread.id}.json`, record);
  }

  /** @inheritDoc */
  remove(threadId: string): void {
    rmSync(this.#path(`thread-${threadId}.json`), { force: true });
  }

  /** @inheritDoc */
  lock(threadId: string, generation: number): boolean {
    const name = `lock-${threadId}`;
    const mine = { generation, pid: process.pid };
    if (this.#create(name, mine)) return true;
    const owner = this.#read(name) as typeof mine | null;
    if (owner?.generation === generation) return true;
    if (owner && isAlive(owner.pid)) return false;
    rmSync(this.#path(name), { force: true });
    return this.#create(name, mine);
  }

  /** @inheritDoc */
  unlock(threadId: string, generation: number): void {
    const owner = this.#read(`lock-${threadId}`) as { generation: number } | null;
    if (owner?.generation === generation) rmSync(this.#path(`lock-${threadId}`), { force: true });
  }

  /** @inheritDoc */
  openGate(name: string): void {
    this.#mark(`gate-${name}.open`);
  }

  /** @inheritDoc */
  isGateOpen(name: string): boolean {
    return existsSync(this.#path(`gate-${name}.open`));
  }

  /** @inheritDoc */
  reachGate(name: string): void {
    this.#mark(`gate-${name}.reached`);
  }

  /** @inheritDoc */
  isGateReached(name: string): boolean {
    return existsSync(this.#path(`gate-${name}.reached`));
  }

  /** @inheritDoc */
  async until<T>(check: () => T | undefined): Promise<T> {
    const early = check();
    if (early !== undefined) return early;
    mkdirSync(this.#directory, { recursive: true });
    return new Promise<T>((resolve, reject) => {
      const watcher = watch(this.#directory, { persistent: false });
      const timer = timers
        .setInterval(() => {
          ask();
        }, fallbackMs)
        .unref();
      const stop = (): void => {
        watcher.close();
        timers.clearInterval(timer);
      };
      const ask = (): void => {
        try {
          const found = check();
          if (found === undefined) return;
          resolve(found);
        } catch (error) {
          reject(isError(error) ? error : new Error(String(error)));
        }
        stop();
      };
      watcher.on('change', ask);
      watcher.on('error', (error) => {
        stop();
        reject(error);
      });
      // What changed while the watcher was being set up.
      ask();
    });
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  #mark(name: string): void {
    mkdirSync(this.#directory, { recursive: true });
    writeFileSync(this.#path(name), '');
  }

  #text(name: string): string | null {
    try {
      return readFileSync(this.#path(name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  #read(name: string): unknown {
    const text = this.#text(name);
    return text === null ? null : JSON.parse(text);
  }

  /** Readers see the old file or the new one, never half of it. */
  #write(name: string, value: unknown): void {
    const draft = this.#path(`draft-${process.pid}-${name}`);
    writeFileSync(draft, JSON.stringify(value));
    renameSync(draft, this.#path(name));
  }

  #create(name: string, value: unknown): boolean {
    const draft = this.#path(`draft-${process.pid}-${name}`);
    writeFileSync(draft, JSON.stringify(value));
    try {
      linkSync(draft, this.#path(name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
