import { AppServerTransport, type Handshake } from '../../lib/transport/app-server-transport.js';
import type { CodexBinary } from '../../lib/transport/binary-locator.js';
import type { Connection } from '../../lib/transport/connection.js';
import type { LaunchPlan } from '../../lib/transport/launch-plan.js';
import { StdioTransport } from '../../lib/transport/stdio-transport.js';

/** A request that a client sent to codex-rs. */
export interface SentRequest {
  readonly method: string;
  readonly params: unknown;
}

/** The local codex-rs, and all requests that clients send to it. */
export class TappedTransport extends AppServerTransport {
  readonly sent: SentRequest[] = [];
  readonly #inner = new StdioTransport();

  override locate(plan: LaunchPlan): CodexBinary | null {
    return this.#inner.locate(plan);
  }

  protected override async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#inner.connect(
      plan,
      async (connection, timeoutMs) => handshake(this.#tapped(connection), timeoutMs),
      signal,
    );
  }

  #tapped(connection: Connection): Connection {
    return {
      get pid() {
        return connection.pid ?? null;
      },
      start: (handlers) => {
        connection.start(handlers);
      },
      send: async (line) => {
        const message = JSON.parse(line) as Partial<SentRequest>;
        if (message.method !== undefined)
          this.sent.push({ method: message.method, params: message.params });
        return connection.send(line);
      },
      setReferenced: (isReferenced) => {
        connection.setReferenced(isReferenced);
      },
      close: async () => connection.close(),
    };
  }
}
