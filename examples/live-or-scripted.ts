// What the examples share: with --live they run on your own key or login, else offline on the real codex-rs, with a
// scripted model and a home that is thrown away. Your own program needs none of it: `new Codex()` is live.
import { Codex, type CodexOptionsRecord } from '../lib/index.js';
import { ScriptedModel, TemporaryCodexHome, type ScriptedReply } from '../lib/testing/index.js';

/** Where an example runs. */
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
    if (process.argv.includes('--live')) {
      await requireLogin();
      return new LiveOrScripted({}, []);
    }
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

/** Ends the program with what to do when no turn could run. */
export async function requireLogin(): Promise<void> {
  await using codex = new Codex();
  const { problems } = await codex.doctor();
  const inTheWay = problems.filter(({ check }) => ['binary', 'start', 'account'].includes(check));
  if (inTheWay.length === 0) return;
  for (const { check, what, advice } of inTheWay) console.error(`${check}: ${what} ${advice}`);
  console.error('Without --live the example runs offline.');
  await codex.close();
  process.exit(1);
}
