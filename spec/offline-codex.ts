import { execFileSync } from 'node:child_process';
import { Codex, type CodexOptionsRecord } from '../lib/index.js';
import { ScriptedModel, TemporaryCodexHome } from '../lib/testing/index.js';
import { testedCodexVersion } from '../lib/version.js';

/** The real codex-rs for one spec: a scripted model, a home of its own, and as many clients as the spec wants. */
export class OfflineCodex {
  readonly model: ScriptedModel;
  readonly home: TemporaryCodexHome;
  readonly #clients: Codex[] = [];

  private constructor(model: ScriptedModel, home: TemporaryCodexHome) {
    this.model = model;
    this.home = home;
  }

  static async start(): Promise<OfflineCodex> {
    return new OfflineCodex(await ScriptedModel.start(), await TemporaryCodexHome.create());
  }

  /** The options every client is made with. */
  get options(): Required<Pick<CodexOptionsRecord, 'apiKey' | 'baseUrl' | 'codexHome' | 'env'>> {
    return {
      apiKey: 'spec-key-1234567890',
      baseUrl: this.model.baseUrl,
      codexHome: this.home.path,
      env: this.environment,
    };
  }

  /** The host's environment, without what the developer's own shell would run at every start. */
  get environment(): Record<string, string> {
    return { ...(process.env as Record<string, string>), HOME: this.home.path };
  }

  /** One more client, a process of its own once it is used. */
  client(options: CodexOptionsRecord = {}): Codex {
    const codex = new Codex({ ...this.options, ...options });
    this.#clients.push(codex);
    return codex;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map(async (codex) => codex.close()));
    await this.model.close();
    await this.home.remove();
  }
}

/** The version of the codex-rs that the specs run on. */
export function codexVersion(): string {
  const { CODEX_PATH: other } = process.env;
  if (other === undefined) return testedCodexVersion;
  return execFileSync(other, ['--version'], { encoding: 'utf8' }).trim().split(' ').at(-1) ?? '';
}
