import { CodexError } from '../errors.js';
import type { CodexBinary } from './binary-locator.js';
import type { LaunchPlan } from './launch-plan.js';
import type { Connection } from './connection.js';

/**
 * Whose server a transport leads to: a process that the transport starts and ends, one that lives by itself and is used by
 * this client alone, or one that others use as well. @inline
 */
export type ServerOwnership = 'own' | 'dedicated' | 'shared';

/**
 * Performs the handshake over a connection. It closes the connection when the handshake fails.
 *
 * `timeoutMs` is the time that is left of the client's `startupTimeoutMs`.
 */
export type Handshake<T> = (connection: Connection, timeoutMs: number) => Promise<T>;

/**
 * How a client reaches `codex app-server`: opens connections that carry whole JSON-RPC messages in both directions. Extend it
 * and override {@link AppServerTransport.open}.
 *
 * Not abstract, so that `sinon.createStubInstance(AppServerTransport)` works; by itself it refuses to open a connection.
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
   * Whose server it leads to. Unless it is `"own"`, options that only make sense for a process of the client's own are refused;
   * with `"shared"`, `apiKey` too, since it would log in everybody.
   */
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- an accessor can be overridden and stubbed
  get ownership(): ServerOwnership {
    return 'own';
  }

  /**
   * How long a connection that is lost in the middle of a turn is sought again, in milliseconds. Where the server dies with
   * the connection, there is nothing to find: 0.
   */
  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- an accessor can be overridden and stubbed
  get reconnectMs(): number {
    return 0;
  }

  /** The program that a connection would start, or null if no program is started on this machine. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  locate(plan: LaunchPlan): CodexBinary | null {
    return null;
  }

  /**
   * Opens connections until one gets through its handshake, and resolves with its result.
   *
   * @throws what the last handshake rejected with; `signal.reason`
   */
  async connect<T>(plan: LaunchPlan, handshake: Handshake<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    return this.open(plan, handshake, signal);
  }

  /** Opens a connection and hands it to the handshake, to be overridden. */
  /* eslint-disable @typescript-eslint/no-unused-vars -- they are the signature that is overridden */
  protected async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return Promise.reject(
      new CodexError(
        'This transport opens no connection: override open(plan, handshake, signal).',
        {
          code: 'invalid-state',
        },
      ),
    );
  }
}
