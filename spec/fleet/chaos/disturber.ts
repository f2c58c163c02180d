import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosSize } from './chaos-size.js';
import type { ChaosStore } from './chaos-store.js';
import type { Disturbance, DisturbanceKind } from './disturbance.js';
import type { Machine } from './machine.js';

// Every kind occurs repeatedly, kills most often.
const order: readonly DisturbanceKind[] = [
  'kill',
  'pause',
  'lose-machine',
  'store-down',
  'cut',
  'kill',
  'lose-machine',
];

/** Causes a disturbance every few seconds; long ones continue during the next. */
export class Disturber {
  readonly #machines: readonly Machine[];
  readonly #store: ChaosStore;
  readonly #size: ChaosSize;
  readonly #disturbances: Disturbance[] = [];
  readonly #lasting = new Set<Promise<void>>();
  #count = 0;
  #next: number;

  constructor(machines: readonly Machine[], store: ChaosStore, size: ChaosSize) {
    this.#machines = machines;
    this.#store = store;
    this.#size = size;
    this.#next = Date.now() + size.everyMs;
  }

  get disturbances(): readonly Disturbance[] {
    return this.#disturbances;
  }

  /** Causes the next disturbance, if it is due. */
  async tick(): Promise<void> {
    if (Date.now() < this.#next || this.#count >= this.#size.disturbances) return;
    this.#next = Date.now() + this.#size.everyMs;
    const kind = order[this.#count % order.length] ?? 'kill';
    this.#count += 1;
    if (kind === 'store-down') {
      this.#last(this.#storeDown());
      return;
    }
    const free = this.#machines.filter(({ isDisturbed }) => !isDisturbed);
    const machine = free[Math.floor(Math.random() * free.length)];
    if (machine === undefined) return;
    if (kind === 'kill' || kind === 'lose-machine') await this.#kill(machine, kind);
    else this.#last(this.#standStill(machine, kind));
  }

  /** Resolves once all disturbances have ended. */
  async end(): Promise<void> {
    await Promise.all(this.#lasting);
  }

  async #kill(machine: Machine, kind: 'kill' | 'lose-machine'): Promise<void> {
    const { worker } = machine;
    this.#happened({ kind, worker: worker.name, from: Date.now(), until: Infinity });
    await worker.kill(kind === 'kill' ? 'worker' : 'everything');
    await machine.startAnother({ losesHome: kind === 'lose-machine' });
  }

  async #standStill(machine: Machine, kind: 'pause' | 'cut'): Promise<void> {
    const { worker, line } = machine;
    const from = Date.now();
    machine.isDisturbed = true;
    if (kind === 'pause') worker.pause();
    else line.hold();
    await pause(this.#size.leaseMs + 2000);
    if (kind === 'pause') worker.resume();
    else line.release();
    machine.isDisturbed = false;
    // Its next actions happen without that knowledge.
    this.#happened({ kind, worker: worker.name, from, until: Date.now() + 2000 });
  }

  async #storeDown(): Promise<void> {
    const from = Date.now();
    await this.#store.down();
    await pause(this.#size.outageMs);
    await this.#store.up();
    this.#happened({ kind: 'store-down', worker: null, from, until: Date.now() });
  }

  #happened(disturbance: Disturbance): void {
    this.#disturbances.push(disturbance);
  }

  #last(work: Promise<void>): void {
    this.#lasting.add(work);
    void work.finally(() => this.#lasting.delete(work));
  }
}
