import { expect } from 'chai';
import { WithheldVariables } from '../../lib/isolation/withheld-variables.js';
import { TurnFailedError, ValidationError, type CodexOptionsRecord } from '../../lib/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('WithheldVariables', () => {
  const host = { PATH: '/bin', BANK_TOKEN: 'hidden', EMPTY: '', OPENAI_API_KEY: 'hidden' };
  const withheld = new WithheldVariables({ host, child: { PATH: '/bin' }, isReplaced: false });

  it('explain a failure caused by a missing variable that this process has', () => {
    for (const failure of [
      'Missing environment variable: `BANK_TOKEN`.',
      "Environment variable BANK_TOKEN for MCP server 'bank' is not set",
    ])
      expect(withheld.explain(failure)).to.equal(
        "BANK_TOKEN is set for this process but not for codex-rs: pass it with environment: { pass: ['BANK_TOKEN'] }.",
      );
  });

  it('do not explain other failures', () => {
    for (const failure of [
      'Missing environment variable: `NOBODY_HAS_IT`.',
      'Missing environment variable: `EMPTY`.',
      'Missing environment variable: `PATH`.',
      'stream disconnected before completion',
    ])
      expect(withheld.explain(failure)).to.equal(null);
  });

  it('include model keys for every codex-rs, and all variables that env replaces', () => {
    const replaced = new WithheldVariables({ host, child: {}, isReplaced: true });

    expect(withheld.explain('Missing environment variable: `OPENAI_API_KEY`.')).to.contain(
      'env_key',
    );
    expect(replaced.remedy('BANK_TOKEN')).to.contain('pass it in env');
  });
});

describe('A turn without a variable of its provider', function () {
  this.timeout(20_000);
  const name = 'SPEC_PROVIDER_TOKEN';
  let offline: OfflineCodex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    process.env[name] = 'hidden-value-of-the-host';
    await offline.home.write(
      'config.toml',
      `model_provider="mine"\n[model_providers.mine]\nname="Mine"\nbase_url="${offline.model.baseUrl}"\nenv_key="${name}"\n`,
    );
  });

  afterEach(async () => {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete process.env[name];
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function failureWith(options: CodexOptionsRecord): Promise<Error> {
    const codex = offline.client({ env: undefined, baseUrl: undefined, ...options });
    const error = await failure(codex.startThread().run('Hi'));
    expect(TurnFailedError.is(error), String(error)).to.equal(true);
    return error as Error;
  }

  it('reports that this process has it, and how to pass it', async () => {
    const error = await failureWith({ environment: { inherit: 'core' } });

    expect(error.message)
      .to.contain(`Missing environment variable: \`${name}\``)
      .and.to.contain(`environment: { pass: ['${name}'] }`)
      .and.not.to.contain('hidden-value');
  });

  it('is not started if the thread itself names the variable', () => {
    const codex = offline.client({ env: undefined, environment: { inherit: 'core' } });
    const bank = { url: 'http://127.0.0.1:9/', bearer_token_env_var: name };

    const begin = (): unknown => codex.startThread({ config: { mcp_servers: { bank } } });

    expect(begin).to.throw(ValidationError, `mcp_servers.bank.bearer_token_env_var: names ${name}`);
  });
});
