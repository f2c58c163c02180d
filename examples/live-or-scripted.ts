// The setup of the examples: with --live they use your own key or login; otherwise they run offline on the real
// codex-rs, with a scripted model and a temporary home. Your own program needs none of this: `new Codex()` is live.
import { Codex, type CodexOptionsRecord } from '../lib/index.js';
import { ScriptedModel, TemporaryCodexHome, type ScriptedReply } from '../lib/testing/index.js';

/** The environment of an example. */
export class LiveOrScripted {
  /** The options of the example's client: none if it is live. */
  readonly options: CodexOptionsRecord;
  readonly #resources: readonly AsyncDisposable[];

  private constructor(options: CodexOptionsRecord, resources: readonly AsyncDisposable[]) {
    this.options = options;
    this.#resources = resources;
  }

  /** The replies are those of the scripted model in an offline run, one for each request. */
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

/** Ends the program with a remedy if no turn could run. */
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
