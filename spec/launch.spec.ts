import { expect } from 'chai';
import { Codex, CodexOptions, ValidationError } from '../lib/index.js';
import { launchPlan } from '../lib/launch.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft } from './root-hooks.js';

const host = {
  PATH: '/bin',
  LANG: 'C',
  AWS_SECRET: 'hidden',
  WANTED: 'yes',
  OPENAI_API_KEY: 'key-of-the-host',
};

function environmentOf(options: ConstructorParameters<typeof Codex>[0]): Record<string, string> {
  return { ...launchPlan(CodexOptions.from(options, host), host).plan.environment };
}

describe('launchPlan', () => {
  it('gives the child everything but the model keys', () => {
    expect(environmentOf({})).to.deep.equal({
      PATH: '/bin',
      LANG: 'C',
      AWS_SECRET: 'hidden',
      WANTED: 'yes',
    });
  });

  it('gives the child what every program needs, what is named, and what is set', () => {
    const environment = { inherit: 'core', pass: ['WANTED'], set: { EXTRA: '1' } } as const;

    expect(environmentOf({ environment })).to.deep.equal({
      PATH: '/bin',
      LANG: 'C',
      WANTED: 'yes',
      EXTRA: '1',
    });
  });

  it('gives the child nothing that is not named', () => {
    expect(environmentOf({ environment: { inherit: 'none' } })).to.deep.equal({});
  });

  it('replaces the environment by the one that is given', () => {
    expect(environmentOf({ env: { ONLY: 'this' } })).to.deep.equal({ ONLY: 'this' });
  });

  it('refuses what is not built yet instead of ignoring it', () => {
    expect(() => new Codex({ isolation: 'private' })).to.throw(ValidationError, 'isolation');
  });
});

describe('The real codex-rs', function () {
  this.timeout(20_000);

  it('is configured by config and configOverrides, and told who the client is', async () => {
    await using offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const codex = offline.client({
      config: { model: 'gpt-5', model_reasoning_effort: 'high' },
      configOverrides: ['model_reasoning_effort="low"'],
      clientInfo: { name: 'billing-bot', version: '9.9.9' },
    });

    await codex.startThread().run('Hi');

    const [request] = offline.model.requests;
    expect(request?.model).to.equal('gpt-5');
    expect(request?.body.reasoning).to.include({ effort: 'low' });
    expect(request?.headers.originator).to.equal('billing-bot');
    await codex.close();
    await noProcessLeft();
  });

  it('keeps the settings of the client beside those of a thread in the same table', async () => {
    await using offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const codex = offline.client({ config: { model: 'gpt-5', features: { shell_tool: false } } });

    await codex.startThread({ config: { features: { goals: false } } }).run('Hi');
    await codex.startThread({ config: { 'features.goals': true } }).run('Hi');

    const [first, second] = offline.model.requests.map(({ toolNames }) => toolNames);
    expect(first).not.to.include('exec_command');
    expect(first).not.to.include('get_goal');
    expect(second).not.to.include('exec_command');
    expect(second).to.include('get_goal');
    await codex.close();
    await noProcessLeft();
  });
});
