import { isError } from '../shapes.js';
import type { FaultyThreadRecord } from './faulty-thread-record.js';
import type { FaultyReceived, FaultyStart, FaultyWorld } from './faulty-world.js';

/** The memory that all in-memory connections of one {@link FaultyAppServer} share. @internal */
export class FaultyMemoryWorld implements FaultyWorld {
  readonly starts: FaultyStart[] = [];
  readonly received: FaultyReceived[] = [];
  readonly #threads = new Map<string, FaultyThreadRecord>();
  readonly #locks = new Map<string, number>();
  readonly #open = new Set<string>();
  readonly #reached = new Set<string>();
  readonly #checks = new Set<() => void>();

  /** @inheritDoc */
  begin(start: Omit<FaultyStart, 'generation'>): number {
    const generation = this.starts.length + 1;
    this.starts.push({ generation, ...start });
    return generation;
  }

  /** @inheritDoc */
  record(entry: FaultyReceived): void {
    this.received.push(entry);
    this.#changed();
  }

  /** @inheritDoc */
  load(threadId: string): FaultyThreadRecord | null {
    const record = this.#threads.get(threadId);
    return record ? structuredClone(record) : null;
  }

  /** @inheritDoc */
  list(): readonly FaultyThreadRecord[] {
    return [...this.#threads.values()].map((record) => structuredClone(record));
  }

  /** @inheritDoc */
  save(record: FaultyThreadRecord): void {
    this.#threads.set(record.thread.id, structuredClone(record));
  }

  /** @inheritDoc */
  remove(threadId: string): void {
    this.#threads.delete(threadId);
  }

  /** @inheritDoc */
  lock(threadId: string, generation: number): boolean {
    const owner = this.#locks.get(threadId) ?? generation;
    this.#locks.set(threadId, owner);
    return owner === generation;
  }

  /** @inheritDoc */
  unlock(threadId: string, generation: number): void {
    if (this.#locks.get(threadId) === generation) this.#locks.delete(threadId);
  }

  /** @inheritDoc */
  openGate(name: string): void {
    this.#open.add(name);
    this.#changed();
  }

  /** @inheritDoc */
  isGateOpen(name: string): boolean {
    return this.#open.has(name);
  }

  /** @inheritDoc */
  reachGate(name: string): void {
    this.#reached.add(name);
    this.#changed();
  }

  /** @inheritDoc */
  isGateReached(name: string): boolean {
    return this.#reached.has(name);
  }

  /** @inheritDoc */
  async until<T>(check: () => T | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const ask = (): void => {
        try {
          const found = check();
          if (found === undefined) return;
          resolve(found);
        } catch (error) {
          reject(isError(error) ? error : new Error(String(error)));
        }
        this.#checks.delete(ask);
      };
      this.#checks.add(ask);
      ask();
    });
  }

  #changed(): void {
    for (const check of [...this.#checks]) check();
  }
}
