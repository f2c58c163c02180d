// Snippets about transports.
import {
  AppServerTransport,
  Codex,
  StdioTransport,
  type Handshake,
  type LaunchPlan,
} from '../../lib/index.js';

export async function ownTransport(): Promise<void> {
  // #region AppServerTransport
  class Counting extends AppServerTransport {
    starts = 0;
    readonly #stdio = new StdioTransport();

    protected override async open<T>(
      plan: LaunchPlan,
      handshake: Handshake<T>,
      signal?: AbortSignal,
    ): Promise<T> {
      this.starts += 1;
      return this.#stdio.connect(plan, handshake, signal);
    }
  }

  const transport = new Counting();
  await using codex = new Codex({ transport });
  await codex.startThread().run('Why is the build red?');
  console.log(transport.starts > 0); // true
  // #endregion
}

export async function stdio(): Promise<void> {
  // #region StdioTransport
  await using codex = new Codex({ transport: new StdioTransport() });
  const { processId } = await codex.serverInfo();
  console.log(typeof processId); // number
  // #endregion
}
