import type { FaultyWorld } from './faulty-world.js';

/** A place where a faulty app-server waits until it is told to go on; made by `FaultyAppServer.gate`. */
export class FaultyGate {
  readonly #world: FaultyWorld;
  readonly #name: string;

  /** @internal */
  constructor(world: FaultyWorld, name: string) {
    this.#world = world;
    this.#name = name;
  }

  /** Lets through whatever waits here, now and later. Idempotent. */
  open(): void {
    this.#world.openGate(this.#name);
  }

  /** Resolves as soon as something waits here, or ever did. */
  get reached(): Promise<void> {
    return this.#reached();
  }

  async #reached(): Promise<void> {
    await this.#world.until(() => this.#world.isGateReached(this.#name) || undefined);
  }
}
