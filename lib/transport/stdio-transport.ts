import { AppServerTransport, type Handshake } from './app-server-transport.js';
import { BinaryLocator, type CodexBinary } from './binary-locator.js';
import { environmentOf, type LaunchPlan } from './launch-plan.js';

/**
 * Starts a codex binary as a child process and speaks with it over its standard input and output; the default of every client.
 *
 * It finds the binary, starts one process at a time on a `CODEX_HOME`, ends processes that a killed host has left behind, and
 * closes in steps: end of input, SIGTERM, SIGKILL, and then every descendant that is still alive.
 *
 * @example
 * ```ts
 * await using codex = new Codex({ transport: new StdioTransport() });
 * const { processId } = await codex.serverInfo();
 * console.log(typeof processId); // number
 * ```
 */
export class StdioTransport extends AppServerTransport {
  /**
   * The codex binary that would be started.
   *
   * @throws {@link CodexNotFoundError} with every place that was looked at
   */
  override locate(plan: LaunchPlan): CodexBinary {
    const { codexPath } = plan;
    // The binary belongs to the host: a child with an empty environment still has one.
    const environment = { ...process.env, ...environmentOf(plan) };
    return new BinaryLocator({ codexPath, environment }).locate();
  }

  /** @throws {@link CodexNotFoundError}; {@link TransportError} `start-failed`, `start-timeout` or `process-exited` */
  protected override async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    // Loaded with the first process, so that importing the package does not pay for it.
    const { CodexLaunch } = await import('./codex-launch.js');
    return new CodexLaunch(plan, this.locate(plan)).start(handshake, signal);
  }
}
