import { CodexError } from '../errors.js';
import type { CodexBinary } from './binary-locator.js';
import type { LaunchPlan } from './launch-plan.js';
import type { Connection } from './connection.js';

/**
 * Who owns the server of a transport. `own`: a process that the transport starts and ends. `dedicated`: an external
 * server used by this client alone. `shared`: an external server that others use as well. @inline
 */
export type ServerOwnership = 'own' | 'dedicated' | 'shared';

/**
 * Performs the handshake over a connection. Closes the connection if the handshake fails.
 *
 * `timeoutMs` is the remaining part of the client's `startupTimeoutMs`.
 */
export type Handshake<T> = (connection: Connection, timeoutMs: number) => Promise<T>;

/**
 * How a client reaches `codex app-server`: opens connections that carry whole JSON-RPC messages in both directions.
 * Extend it and override {@link AppServerTransport.open}.
 *
 * Not abstract, so that `sinon.createStubInstance(AppServerTransport)` works; the default `open` rejects.
 *
 * @example
 * ```ts
 * class Counting extends AppServerTransport {
 *   starts = 0;
 *   readonly #stdio = new StdioTransport();
 *
 *   protected override async open<T>(
 *     plan: LaunchPlan,
 *     handshake: Handshake<T>,
 *     signal?: AbortSignal,
 *   ): Promise<T> {
 *     this.starts += 1;
 *     return this.#stdio.connect(plan, handshake, signal);
 *   }
 * }
 *
 * const transport = new Counting();
 * await using codex = new Codex({ transport });
 * await codex.startThread().run('Why is the build red?');
 * console.log(transport.starts > 0); // true
 * ```
 */
export class AppServerTransport {
  /**
   * Who owns the server. Unless it is `"own"`, options that only apply to a process of this client are rejected. With
   * `"shared"`, `apiKey` is rejected too, because it would log in all users of the server.
   */
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- an accessor can be overridden and stubbed
  get ownership(): ServerOwnership {
    return 'own';
  }

  /**
   * How long to try to restore a connection lost during a turn, in milliseconds. 0 if the server ends with the
   * connection.
   */
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- an accessor can be overridden and stubbed
  get reconnectMs(): number {
    return 0;
  }

  /** The program that a connection would start, or null if it would not start one on this machine. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  locate(plan: LaunchPlan): CodexBinary | null {
    return null;
  }

  /**
   * Opens connections until a handshake succeeds, and resolves with its result.
   *
   * @throws the error of the last handshake; `signal.reason`
   */
  async connect<T>(plan: LaunchPlan, handshake: Handshake<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    return this.open(plan, handshake, signal);
  }

  /** Opens a connection and passes it to the handshake. Override this method. */
  /* eslint-disable @typescript-eslint/no-unused-vars -- they are part of the signature to override */
  protected async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return Promise.reject(
      new CodexError(
        'This transport cannot open a connection: override open(plan, handshake, signal).',
        {
          code: 'invalid-state',
        },
      ),
    );
  }
}
