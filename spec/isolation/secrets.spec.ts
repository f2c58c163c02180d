import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import {
  Codex,
  TurnFailedError,
  logTelemetry,
  telemetry,
  type CodexOptionsRecord,
} from '../../lib/index.js';
import { ScriptedModel, ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import { eventually } from '../wire/eventually.js';
import { crash } from '../crash.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { filesIn } from './hostile-user.js';

// Neither has the form of a key, so only known values can be hidden.
const ofTheHost = 'canary-of-the-host-48151623';
const key = 'canary-of-the-key-42108';

/** Everything that a program may write, and the telemetry of the run. */
class Paper {
  readonly #texts: string[] = [];
  readonly #stops: (() => void)[] = [];

  constructor() {
    const log = (...values: unknown[]): void => {
      this.write(...values);
    };
    this.#stops.push(logTelemetry({ info: log, warn: log }));
    for (const channel of Object.values(telemetry)) this.#stops.push(channel.subscribe(log));
  }

  write(...values: unknown[]): void {
    for (const value of values) {
      this.#texts.push(
        inspect(value, { depth: Infinity, showHidden: true, maxStringLength: null }),
      );
      this.#texts.push(JSON.stringify([value]), String(value));
      if (value instanceof Error) this.write(value.stack, value.cause);
    }
  }

  /** The output, also decoded from Base64. */
  get text(): string {
    const plain = this.#texts.join('\n');
    const encoded = plain.match(/[A-Za-z0-9_-]{40,}/g) ?? [];
    return [plain, ...encoded.map((each) => Buffer.from(each, 'base64url').toString())].join('\n');
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }
}

describe('A secret of the host, and the API key', function () {
  this.timeout(30_000);
  let model: ScriptedModel;
  let home: TemporaryCodexHome;
  const homeBefore = process.env.HOME;

  beforeEach(async () => {
    model = await ScriptedModel.start();
    model.otherwise(ScriptedReply.message('Yes'));
    home = await TemporaryCodexHome.create();
    // A key from a file ends with a line break.
    const variables = { SERVICE_TOKEN: ofTheHost, CODEX_API_KEY: `${key}\n`, HOME: home.path };
    Object.assign(process.env, variables);
  });

  afterEach(async () => {
    delete process.env.SERVICE_TOKEN;
    delete process.env.CODEX_API_KEY;
    process.env.HOME = homeBefore;
    await model.close();
    await home.remove();
    await noProcessLeft();
  });

  const userMode = (): CodexOptionsRecord => ({ baseUrl: model.baseUrl, codexHome: home.path });
  const privateMode = (): CodexOptionsRecord => ({ baseUrl: model.baseUrl, isolation: 'private' });

  /** The files of the home that contain one of them. */
  function filesWithSecret(directory: string): string[] {
    return filesIn(directory).filter((file) => {
      const content = readFileSync(file, 'latin1');
      return content.includes(ofTheHost) || content.includes(key);
    });
  }

  for (const [name, optionsOf] of [
    ['user', userMode],
    ['private', privateMode],
  ] as const)
    it(`is in no error, inspection, telemetry, log, snapshot and token in ${name} mode`, async () => {
      using paper = new Paper();
      await using codex = new Codex(optionsOf());
      const thread = codex.startThread({ labels: { team: 'payments' } });
      model.reply(
        ScriptedReply.message('Yes'),
        ScriptedReply.status(400, { error: { message: `The key ${key} is wrong` } }),
      );

      paper.write(await thread.run('Hi'));
      const error = await failure(thread.run('Hi'));
      paper.write(error, codex, codex.options, thread, await codex.doctor());
      await crash(codex);
      paper.write(await thread.run('Hi'), thread.toJSON(), String(thread.continuation));

      expect(TurnFailedError.is(error), String(error)).to.equal(true);
      expect(paper.text).to.contain('codex.turn.end').and.to.contain('The key [redacted] is wrong');
      expect(paper.text).not.to.contain(ofTheHost);
      expect(paper.text).not.to.contain(key);
      // It is the one that was used.
      expect(model.requests.at(-1)?.headers.authorization).to.equal(`Bearer ${key}`);
    });

  it('is visible to a command in user mode, and then written to the home', async () => {
    await using codex = new Codex(userMode());
    model.reply(ScriptedReply.shellCommand('env'));

    await codex.startThread().run('Hi');

    expect(model.requests.at(-1)?.toolOutputs[0]?.text)
      .to.contain(ofTheHost)
      .and.not.to.contain(key);
    await eventually(() => filesWithSecret(home.path).some((file) => file.includes('snapshot')));
    expect(filesWithSecret(home.path).some((file) => file.includes('sessions'))).to.equal(true);
  });

  it('is not visible to a command in private mode, nor written anywhere in the home', async () => {
    await using codex = new Codex(privateMode());
    model.reply(ScriptedReply.shellCommand('env; set'));
    const thread = codex.startThread({ sandboxMode: 'danger-full-access' });

    await thread.run('Hi');
    await thread.run('Hi');

    const { codexHome } = await codex.serverInfo();
    expect(model.requests.at(-1)?.toolOutputs[0]?.text).to.contain(`CODEX_HOME=${codexHome}`);
    expect(filesIn(codexHome)).to.have.length.above(10);
    expect(filesWithSecret(codexHome)).to.deep.equal([]);
    expect(existsSync(join(codexHome, 'shell_snapshots'))).to.equal(false);
    await codex.close();
    expect(existsSync(codexHome)).to.equal(false);
  });
});
