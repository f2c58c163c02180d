import type { FaultyWorld } from './faulty-world.js';

/**
 * A place where a faulty app-server waits until it is told to go on; made by `FaultyAppServer.gate`.
 *
 * @example
 * ```ts
 * const faulty = new FaultyAppServer().plays(new FaultyTurn().waitFor('go').message('Done.'));
 * await using codex = new Codex({ transport: faulty.transport });
 * const result = codex.startThread().run('Go');
 *
 * await faulty.gate('go').reached;
 * // The turn is in its middle now, for as long as the test likes.
 * faulty.gate('go').open();
 * console.log((await result).finalResponse); // Done.
 * ```
 */
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
