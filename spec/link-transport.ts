import { AppServerTransport, type Handshake } from '../lib/transport/app-server-transport.js';
import type { LaunchPlan } from '../lib/transport/launch-plan.js';
import type { Connection } from '../lib/transport/connection.js';

/** Connections created by a spec. */
export class LinkTransport extends AppServerTransport {
  readonly #link: () => Connection;

  constructor(link: () => Connection) {
    super();
    this.#link = link;
  }

  protected override async open<T>(plan: LaunchPlan, handshake: Handshake<T>): Promise<T> {
    return handshake(this.#link(), plan.startupTimeoutMs);
  }
}
