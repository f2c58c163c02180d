import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { ScriptedModel, ScriptedReply, TemporaryCodexHome } from '../lib/testing/index.js';
import { noProcessLeft } from './root-hooks.js';

describe('README', function () {
  this.timeout(20_000);
  const readme = readFileSync(resolve('README.md'), 'utf8');
  const program = readFileSync(resolve('examples/readme.ts'), 'utf8');

  it('has only snippets from examples/readme.ts, in this order', () => {
    const snippets = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) =>
      code.replace(/^import .*\n+/gm, '').trim(),
    );
    const regions = [...program.matchAll(/^\/\/ #region .*?\n(.*?)^\/\/ #endregion$/gms)].map(
      ([, code = '']) => code.trim(),
    );

    expect(snippets).to.deep.equal(regions);
  });

  it('has snippets that run unchanged', async () => {
    await using model = await ScriptedModel.start();
    await using home = await TemporaryCodexHome.create();
    await home.write('config.toml', `openai_base_url = "${model.baseUrl}"\n`);
    model.reply(
      ScriptedReply.message('A test fails.').usage({ inputTokens: 10, outputTokens: 5 }),
      ScriptedReply.message('Fixed.'),
      ScriptedReply.message('Written.'),
      ScriptedReply.shellCommand('echo npm test', { escalated: true, justification: 'To test.' }),
      ScriptedReply.message('They pass.'),
    );

    // The agent's shell does not find start files of the developer.
    const own = { CODEX_HOME: home.path, HOME: home.path, OPENAI_API_KEY: 'readme-key-123456' };
    const env = { ...process.env, ...own };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [resolve('.build/examples/readme.js')],
      { env },
    );

    expect(stdout).to.equal(
      'A test fails. 15\nuserMessage\nFixed.agentMessage\ntrue\nA test fails.\n',
    );
    expect(
      model.requests
        .at(-1)
        ?.toolOutputs.map(({ text }) => text)
        .join(),
    ).to.contain('npm test');
    expect(model.unexpectedRequests).to.deep.equal([]);
    await noProcessLeft();
  });

  it('names the two commands of the package', () => {
    const { scripts } = JSON.parse(readFileSync(resolve('package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };

    expect(readme).to.contain('npm ci && npm run demo').and.to.contain('npm ci && npm test');
    expect(scripts).to.include.keys('demo', 'example', 'test', 'check');
  });
});
