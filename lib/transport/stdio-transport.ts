import { AppServerTransport, type Handshake } from './app-server-transport.js';
import { BinaryLocator, type CodexBinary } from './binary-locator.js';
import { environmentOf, type LaunchPlan } from './launch-plan.js';

/**
 * Starts a codex binary as a child process and communicates over its standard input and output. The default of every
 * client.
 *
 * Finds the binary, starts one process at a time per `CODEX_HOME`, ends processes left behind by a killed host, and
 * closes in steps: end of input, SIGTERM, SIGKILL, then every descendant that is still alive.
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
   * Finds the codex binary that would be started.
   *
   * @throws {@link CodexNotFoundError} with all searched locations
   */
  override locate(plan: LaunchPlan): CodexBinary {
    const { codexPath } = plan;
    // The binary belongs to the host: it is found even if the child gets an empty environment.
    const environment = { ...process.env, ...environmentOf(plan) };
    return new BinaryLocator({ codexPath, environment }).locate();
  }

  /** @throws {@link CodexNotFoundError}; {@link TransportError} `start-failed`, `start-timeout` or `process-exited` */
  protected override async open<T>(
    plan: LaunchPlan,
    handshake: Handshake<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    // Loaded with the first process, to keep the import of the package fast.
    const { CodexLaunch } = await import('./codex-launch.js');
    return new CodexLaunch(plan, this.locate(plan)).start(handshake, signal);
  }
}
