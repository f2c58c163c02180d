import type { CodexOptionsRecord } from '../lib/index.js';
import { ScriptedModel, TemporaryCodexHome, type ScriptedReply } from '../lib/testing/index.js';

/** Where an example runs: with `--live` on your own key or login, else offline, on the real codex-rs with a scripted model. */
export class LiveOrScripted {
  /** What the example's client is made with: nothing when it is live. */
  readonly options: CodexOptionsRecord;
  readonly #resources: readonly AsyncDisposable[];

  private constructor(options: CodexOptionsRecord, resources: readonly AsyncDisposable[]) {
    this.options = options;
    this.#resources = resources;
  }

  /** The replies are what the model says when the example runs offline, one for each of its requests. */
  static async start(...replies: readonly ScriptedReply[]): Promise<LiveOrScripted> {
    if (process.argv.includes('--live')) return new LiveOrScripted({}, []);
    const model = await ScriptedModel.start();
    const home = await TemporaryCodexHome.create();
    model.reply(...replies);
    const options = { apiKey: 'offline-key', baseUrl: model.baseUrl, codexHome: home.path };
    return new LiveOrScripted(options, [model, home]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#resources) await resource[Symbol.asyncDispose]();
  }
}
