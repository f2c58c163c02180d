import { join } from 'node:path';
import { Codex, type CodexOptionsRecord } from '../lib/index.js';
import { FaultyAppServer, TemporaryCodexHome } from '../lib/testing/index.js';

/** A codex that misbehaves, for one spec: say how with `server`, then make as many clients as the spec wants. */
export class FaultyCodex {
  /** What the clients made after it get; all of them share its history, transcript and gates. */
  readonly server: FaultyAppServer;
  readonly home: TemporaryCodexHome;
  readonly #clients: Codex[] = [];

  private constructor(home: TemporaryCodexHome) {
    this.home = home;
    this.server = new FaultyAppServer().inDirectory(join(home.path, 'faulty'));
  }

  static async create(): Promise<FaultyCodex> {
    return new FaultyCodex(await TemporaryCodexHome.create());
  }

  /** The options every client is made with. */
  get options(): Required<Pick<CodexOptionsRecord, 'apiKey' | 'codexPath' | 'codexHome' | 'env'>> {
    return {
      apiKey: 'spec-key-1234567890',
      codexHome: this.home.path,
      ...this.server.program(),
    };
  }

  /** One more client, a process of its own once it is used. */
  client(options: CodexOptionsRecord = {}): Codex {
    const codex = new Codex({ ...this.options, ...options });
    this.#clients.push(codex);
    return codex;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map(async (codex) => codex.close()));
    await this.home.remove();
  }
}
