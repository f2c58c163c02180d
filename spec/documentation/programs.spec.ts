import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { ScriptedModel, ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import { noProcessLeft } from '../root-hooks.js';

interface Ending {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with its own home, so that the agent's shell does not find start files of the developer. */
async function run(example: string, home: string, ...args: readonly string[]): Promise<Ending> {
  const program = resolve('.build/examples', `${example}.js`);
  const options = { env: { ...process.env, HOME: home } };
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      options,
      (_error, stdout, stderr) => {
        done({ exitCode: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}

/** The output of each program, or its beginning and the condition for the rest. */
const programs: Readonly<Record<string, { exitCode?: number; stdout: RegExp }>> = {
  quickstart: {
    stdout:
      /^Explained: A library, its tests, and a demo\.\nTo read first: The tests\.\n52 tokens so far, on thread [0-9a-f-]{36}\n$/,
  },
  streaming: {
    stdout:
      /^ {2}\(I should look\.\)\n\$ \S+ -lc 'echo README\.md'\nREADME\.md\nThere is one file\.\n {2}30 tokens\n$/,
  },
  'approvals-service': { stdout: /^Pending approval: To deploy\.\nIt is deployed\.\n$/ },
  tools: {
    stdout:
      /^ {2}The model calls findPayment\(p-2\) on .*\n {2}The model calls findPayment\(p-1\) on .*\nPayment p-1 is settled; there is no p-2\.\n$/,
  },
  'code-review': { exitCode: 1, stdout: /^lib\/a\.ts:3: error: Await the promise\.\n$/ },
  'resume-across-processes': {
    stdout:
      /^first process: {2}Three steps\.\nsecond process: Step one is written\. \(PAY-123\)\nsecond process: stale: .*\n$/,
  },
};

/** These have their own specs or run by `npm run demo`. */
const others = ['demo', 'live-or-scripted', 'own-resume-validator', 'readme'];

describe('The programs under examples/', function () {
  this.timeout(20_000);

  after(async () => {
    await noProcessLeft();
  });

  for (const [name, { exitCode = 0, stdout }] of Object.entries(programs))
    it(`run offline, unchanged: ${name}`, async () => {
      await using home = await TemporaryCodexHome.create();

      const ending = await run(name, home.path);

      expect(ending.stderr).to.equal('');
      expect(ending.stdout).to.match(stdout);
      expect(ending.exitCode).to.equal(exitCode);
    });

  it('run with --live in the given environment: quickstart', async () => {
    await using home = await TemporaryCodexHome.create();
    await using model = await ScriptedModel.start();
    await home.write('.codex/config.toml', `openai_base_url = "${model.baseUrl}"\n`);
    await home.write(
      '.codex/auth.json',
      JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'live-key-1234567890' }),
    );
    model.otherwise(ScriptedReply.message('Live.'));

    const ending = await run('quickstart', home.path, '--live');

    expect(ending.stderr).to.equal('');
    expect(ending.stdout).to.match(/^Explained: Live\.\nTo read first: Live\.\n30 tokens/);
    expect(model.requests[0]?.headers.authorization).to.equal('Bearer live-key-1234567890');
  });

  it('run with --live explain a missing login: quickstart', async () => {
    await using home = await TemporaryCodexHome.create();

    const ending = await run('quickstart', home.path, '--live');

    expect(ending.stderr).to.match(/^account: .*\nWithout --live the example runs offline\.\n$/);
    expect(ending.stdout).to.equal('');
    expect(ending.exitCode).to.equal(1);
  });

  it('are all run', () => {
    const present = readdirSync(resolve('examples'))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
      .map((file) => file.slice(0, -3));

    expect(present).to.have.members([...Object.keys(programs), ...others]);
  });
});
