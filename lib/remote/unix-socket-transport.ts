import { join } from 'node:path';
import { AppServerTransport, type Handshake } from '../transport/app-server-transport.js';
import type { ServerOwnership } from '../transport/app-server-transport.js';
import { CodexHome } from '../transport/codex-home.js';
import type { LaunchPlan } from '../transport/launch-plan.js';
import { handshakeOver } from './handshake-over.js';
import {
  UnixSocketOptions,
  type RemoteOptionsRecord,
  type UnixSocketOptionsRecord,
} from './remote-options.js';

/**
 * Connects to a codex app-server that listens on a Unix socket of this machine
 * (`codex app-server --listen unix://PATH`), such as the user's daemon, which the desktop app also uses.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ transport: new UnixSocketTransport({ path }) });
 * const { finalResponse } = await codex.startThread().run('Why is the build red?');
 * console.log(finalResponse); // A test fails.
 * ```
 */
export class UnixSocketTransport extends AppServerTransport {
  readonly #options: UnixSocketOptions;

  /** @throws {@link ValidationError} with all problems of the options */
  constructor(options: UnixSocketOptionsRecord) {
    super();
    this.#options = UnixSocketOptions.from(options);
  }

  /**
   * Connects to the user's daemon (`codex app-server daemon start`), whose socket is in its `CODEX_HOME`.
   *
   * @param options - `codexHome` defaults to the variable `CODEX_HOME`, then to `~/.codex`
   */
  static daemon({ codexHome, ...options }: DaemonOptions = {}): UnixSocketTransport {
    const { HOME, CODEX_HOME } = process.env;
    const home = new CodexHome({
      ...definedHome(codexHome ?? CODEX_HOME),
      environment: HOME === undefined ? {} : { HOME },
    });
    return new UnixSocketTransport({ ...options, path: join(home.path, ...daemonSocket) });
  }

  /** @inheritDoc */
  override get ownership(): ServerOwnership {
    return this.#options.ownership;
  }

  /** @inheritDoc */
  override get reconnectMs(): number {
    return this.#options.reconnectMs;
  }

  /** @throws {@link TransportError} `connect-failed`, `start-timeout` or `connection-lost` */
  protected override async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { path, pingIntervalMs } = this.#options;
    const { maxFrameBytes, redactor } = plan;
    const target = {
      name: `unix://${path}`,
      url: 'ws://localhost/',
      socketPath: path,
      headers: {},
      redactor,
      pingIntervalMs,
      maxFrameBytes,
    };
    return handshakeOver(() => target, { plan, handshake, signal });
  }
}

/** The path of the daemon's socket below its home. */
const daemonSocket = ['app-server-control', 'app-server-control.sock'];

function definedHome(codexHome = ''): { readonly codexHome?: string } {
  return codexHome === '' ? {} : { codexHome };
}

/** Options for the user's daemon. @inline */
export interface DaemonOptions extends RemoteOptionsRecord {
  /** The `CODEX_HOME` of the daemon. */
  readonly codexHome?: string | undefined;
}
