import { AppServerTransport, type Handshake } from '../lib/app-server/app-server-transport.js';
import type { LaunchPlan } from '../lib/app-server/launch-plan.js';
import type { Transport } from '../lib/app-server/transport.js';

/** Connections that a spec makes itself. */
export class LinkTransport extends AppServerTransport {
  readonly #link: () => Transport;

  constructor(link: () => Transport) {
    super();
    this.#link = link;
  }

  protected override async open<T>(plan: LaunchPlan, handshake: Handshake<T>): Promise<T> {
    return handshake(this.#link(), plan.startupTimeoutMs);
  }
}
