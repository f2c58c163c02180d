import { AppServerTransport, type Handshake } from '../transport/app-server-transport.js';
import type { ServerOwnership } from '../transport/app-server-transport.js';
import type { LaunchPlan } from '../transport/launch-plan.js';
import { readSecret, Secret } from '../redaction.js';
import { ValidationError } from '../errors.js';
import { handshakeOver } from './handshake-over.js';
import { WebSocketOptions, type WebSocketOptionsRecord } from './remote-options.js';

/**
 * Connects to an external codex app-server (`codex app-server --listen ws://IP:PORT --ws-auth …`), on this machine or
 * another one, directly or behind a TLS proxy. Closing the client ends neither the server nor its turns.
 *
 * @example
 * ```ts
 * const transport = new WebSocketTransport({ url, token: async () => tokens.fresh() });
 * await using codex = new Codex({ transport });
 * const { finalResponse } = await codex.startThread().run('Why is the build red?');
 * console.log(finalResponse); // A test fails.
 * ```
 */
export class WebSocketTransport extends AppServerTransport {
  readonly #options: WebSocketOptions;

  /** @throws {@link ValidationError} with all problems of the options */
  constructor(options: WebSocketOptionsRecord) {
    super();
    this.#options = WebSocketOptions.from(options);
  }

  /** @inheritDoc */
  override get ownership(): ServerOwnership {
    return this.#options.ownership;
  }

  /** @inheritDoc */
  override get reconnectMs(): number {
    return this.#options.reconnectMs;
  }

  /** @throws {@link TransportError} `connect-failed`, `unauthorized`, `start-timeout` or `connection-lost` */
  protected override async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { url, tls, agent, pingIntervalMs } = this.#options;
    return handshakeOver(
      async () => ({
        name: url,
        url,
        headers: await this.#headers(plan),
        redactor: plan.redactor,
        ...(tls === undefined ? {} : { tls }),
        ...(agent === undefined ? {} : { agent }),
        pingIntervalMs,
        maxFrameBytes: plan.maxFrameBytes,
      }),
      { plan, handshake, signal },
    );
  }

  async #headers({ redactor }: LaunchPlan): Promise<Readonly<Record<string, string>>> {
    const { token, headers } = this.#options;
    for (const value of Object.values(headers)) redactor.learn(new Secret(value));
    if (token === null) return headers;
    const read = readSecret(typeof token === 'function' ? await token() : token, 1);
    if (typeof read === 'string')
      throw new ValidationError('transport options', [
        { path: 'token', reason: `the function returned a token that ${read}` },
      ]);
    redactor.learn(read);
    return { ...headers, Authorization: `Bearer ${read.reveal()}` };
  }
}
