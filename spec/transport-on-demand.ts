import {
  AppServerTransport,
  type Handshake,
  type ServerOwnership,
} from '../lib/transport/app-server-transport.js';
import type { LaunchPlan } from '../lib/transport/launch-plan.js';

/** A transport to a shared server that is started with the first connection. */
export class TransportOnDemand extends AppServerTransport {
  readonly #find: () => Promise<AppServerTransport>;

  /** @param find - starts the server, or finds it again */
  constructor(find: () => Promise<AppServerTransport>) {
    super();
    this.#find = find;
  }

  override get ownership(): ServerOwnership {
    return 'shared';
  }

  override get reconnectMs(): number {
    return 60_000;
  }

  protected override async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return (await this.#find()).connect(plan, handshake, signal);
  }
}
