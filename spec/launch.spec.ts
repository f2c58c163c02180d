import { expect } from 'chai';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Codex, CodexOptions, ValidationError, type CodexOptionsRecord } from '../lib/index.js';
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
  it('passes everything but the model keys to the child', () => {
    expect(environmentOf({})).to.deep.equal({
      PATH: '/bin',
      LANG: 'C',
      AWS_SECRET: 'hidden',
      WANTED: 'yes',
    });
  });

  it('passes basic variables, named variables and set variables to the child', () => {
    const environment = { inherit: 'core', pass: ['WANTED'], set: { EXTRA: '1' } } as const;

    expect(environmentOf({ environment })).to.deep.equal({
      PATH: '/bin',
      LANG: 'C',
      WANTED: 'yes',
      EXTRA: '1',
    });
  });

  it('does not pass unnamed variables to the child', () => {
    expect(environmentOf({ environment: { inherit: 'none' } })).to.deep.equal({});
  });

  it('replaces the environment with the given one', () => {
    expect(environmentOf({ env: { ONLY: 'this' } })).to.deep.equal({ ONLY: 'this' });
  });

  it('passes basic variables and a private home to the child of a private client', () => {
    const environment = environmentOf({ isolation: 'private', codexHome: '/srv/codex' });

    expect(environment).to.deep.equal({ PATH: '/bin', LANG: 'C', HOME: '/srv/codex/home' });
  });

  it('does not pass anything that looks like a secret to the child of a private client, unless it is named', () => {
    const codex = { isolation: 'private', codexHome: '/srv/codex' } as const;
    const secrets = {
      ...host,
      HOME: '/home/me',
      GITHUB_TOKEN: 'hidden',
      SSH_AUTH_SOCK: '/run/agent',
      DATABASE_URL: 'postgres://me:hidden@db/main',
      COPY_OF_ANOTHER: 'key-of-the-host',
      CODEX_SQLITE_HOME: '/home/me/.codex',
      HTTPS_PROXY: 'http://me:needed@proxy',
    };
    const given = (environment: CodexOptionsRecord['environment']): Record<string, string> => ({
      ...launchPlan(CodexOptions.from({ ...codex, environment }, secrets), secrets).plan
        .environment,
    });
    const harmless = {
      PATH: '/bin',
      LANG: 'C',
      HOME: '/srv/codex/home',
      HTTPS_PROXY: 'http://me:needed@proxy',
    };

    expect(given({ inherit: 'all' })).to.deep.equal({ ...harmless, WANTED: 'yes' });
    expect(given({ pass: ['GITHUB_TOKEN', 'HOME'] })).to.deep.equal({
      ...harmless,
      GITHUB_TOKEN: 'hidden',
      HOME: '/home/me',
    });
    expect(given({ inherit: 'none', set: { NPM_TOKEN: 'set' } })).to.deep.equal({
      HOME: '/srv/codex/home',
      NPM_TOKEN: 'set',
    });
  });

  it('uses env of a private client unchanged, except for a missing home', () => {
    const codex = { isolation: 'private', codexHome: '/srv/codex' } as const;

    expect(environmentOf({ ...codex, env: { NPM_TOKEN: 'given' } })).to.deep.equal({
      NPM_TOKEN: 'given',
      HOME: '/srv/codex/home',
    });
    expect(environmentOf({ ...codex, env: { HOME: '/home/me' } })).to.deep.equal({
      HOME: '/home/me',
    });
  });

  it('reads the key of a private client from the environment of this process', () => {
    const { fallbackApiKey } = launchPlan(CodexOptions.from({ isolation: 'private' }, host), host);

    expect(fallbackApiKey?.reveal()).to.equal('key-of-the-host');
  });

  it('trims a key from a variable, and ignores a blank one', () => {
    const keysOf = (variables: Record<string, string>, auth?: 'apiKey'): unknown => {
      const { apiKey, fallbackApiKey } = launchPlan(
        CodexOptions.from({ auth }, variables),
        variables,
      );
      return [apiKey?.reveal(), fallbackApiKey?.reveal()];
    };

    expect(keysOf({ CODEX_API_KEY: 'codex\n' })).to.deep.equal(['codex', undefined]);
    expect(keysOf({ OPENAI_API_KEY: ' openai\r\n' })).to.deep.equal([undefined, 'openai']);
    const variables = { CODEX_API_KEY: ' ', OPENAI_API_KEY: 'openai' };
    expect(keysOf(variables)).to.deep.equal([undefined, 'openai']);
    expect(keysOf(variables, 'apiKey')).to.deep.equal(['openai', undefined]);
  });

  it('refuses a key that became invalid after the options were created', () => {
    const plan = (): unknown => launchPlan(CodexOptions.from({}, {}), { CODEX_API_KEY: 'a key' });

    expect(plan).to.throw(ValidationError, /CODEX_API_KEY.*must not contain white space/);
  });

  it('refuses to withhold a variable that the configuration names, with any isolation', () => {
    const config = {
      model_provider: 'mine',
      model_providers: { mine: { name: 'Mine', base_url: 'http://host', env_key: 'AWS_SECRET' } },
      mcp_servers: {
        bank: { url: 'http://bank', bearer_token_env_var: 'WANTED' },
        shop: { command: 'shop', env_vars: ['LANG', { name: 'WANTED' }] },
      },
    };
    const plan = (options: CodexOptionsRecord) => (): unknown =>
      launchPlan(CodexOptions.from({ config, ...options }, host), host);

    expect(plan({ isolation: 'private' })).to.throw(
      ValidationError,
      /model_providers\.mine\.env_key: names AWS_SECRET.*pass: \['AWS_SECRET'\][^]*bank\.bearer_token_env_var: names WANTED[^]*shop\.env_vars: names WANTED/,
    );
    expect(plan({ env: { PATH: '/bin' } })).to.throw(ValidationError, 'pass it in env');
    expect(plan({})).not.to.throw();
    expect(
      plan({ environment: { pass: ['AWS_SECRET', 'WANTED'] }, isolation: 'private' }),
    ).not.to.throw();
  });

  it('hides the variables of codex-rs from the commands of the agent', () => {
    const config = {
      shell_environment_policy: { exclude: ['MINE'], set: { ALSO_WANTED: 'known' } },
      model_providers: {
        one: { env_key: 'ONE_KEY', env_http_headers: { one: 'ONE_HEADER' } },
        two: { env_key: 'ALSO_WANTED' },
      },
      mcp_servers: { bank: { url: 'http://bank', bearer_token_env_var: 'WANTED' } },
    };
    const configOverrides = [
      'model_providers.three.env_key=THREE_KEY',
      'model_providers.four={name="4",env_key="FOUR_KEY",env_http_headers={a="A",b="B"}}',
      "model_providers.four.env_http_headers.c='C'",
      'model_providers.five.env_key="FIVE_KEY"',
      'shell_environment_policy.set.FIVE_KEY="known"',
      'mcp_servers.shop.bearer_token_env_var="SHOP"',
    ];
    const hiddenWith = (isolation: 'user' | 'private'): readonly string[] =>
      launchPlan(
        CodexOptions.from(
          { isolation, config, configOverrides, environment: { pass: ['WANTED'] } },
          host,
        ),
        host,
      ).plan.configOverrides.filter((line) => line.endsWith('=""'));
    const ofProviders = ['ONE_KEY', 'ONE_HEADER', 'THREE_KEY', 'FOUR_KEY', 'A', 'B', 'C'];
    const lines = (names: string[]): string[] =>
      names.map((name) => `shell_environment_policy.set.${name}=""`);

    expect(hiddenWith('user')).to.have.members(lines(ofProviders));
    expect(hiddenWith('private')).to.have.members(lines([...ofProviders, 'WANTED', 'SHOP']));
  });

  it('trims the key of a provider, and refuses an invalid one', () => {
    const plan = (value: string): Readonly<Record<string, string>> => {
      const config = {
        model_provider: 'mine',
        model_providers: { mine: { env_key: 'OPENAI_API_KEY' } },
      };
      const env = { OPENAI_API_KEY: value };
      return launchPlan(CodexOptions.from({ config, env }, host), host).plan.environment;
    };

    expect(plan(' provider-key\r\n')).to.deep.equal({ OPENAI_API_KEY: 'provider-key' });
    expect(() => plan('provider key')).to.throw(
      ValidationError,
      'env_key: names OPENAI_API_KEY, whose value must not contain white space',
    );
  });

  it('lets the child bypass a proxy for hosts on this machine that the options name', () => {
    const base_url = 'http://[::1]:8080/v1';
    const proxied = { ...host, HTTP_PROXY: 'http://proxy', no_proxy: '.corp' };
    const hostsWith = (options: CodexOptionsRecord): unknown => {
      const { plan } = launchPlan(CodexOptions.from(options, proxied), proxied);
      return [plan.environment.NO_PROXY, plan.environment.no_proxy];
    };
    const local: CodexOptionsRecord[] = [
      { baseUrl: 'http://127.0.0.1:4000/v1' },
      { baseUrl: 'http://localhost:4000/v1', isolation: 'private' },
      { baseUrl: 'http://localhost:4000/v1', env: { no_proxy: '.corp' } },
      { config: { model_providers: { mine: { base_url } } } },
      { configOverrides: [`model_providers.mine={base_url="${base_url}"}`] },
      { config: { mcp_servers: { bank: { url: 'http://localhost:9/' } } } },
      { modelProvider: 'ollama' },
    ];

    for (const options of local)
      expect(hostsWith(options), JSON.stringify(options)).to.deep.equal([
        '.corp,localhost,127.0.0.1,::1',
        '.corp,localhost,127.0.0.1,::1',
      ]);
    expect(hostsWith({ baseUrl: 'http://127.8.9.10/' })).to.deep.equal([
      '.corp,localhost,127.0.0.1,::1,127.8.9.10',
      '.corp,localhost,127.0.0.1,::1,127.8.9.10',
    ]);
    expect(hostsWith({ baseUrl: 'https://gateway.corp/v1' })).to.deep.equal([undefined, '.corp']);
  });

  it('resolves the home from the environment to an absolute path, and refuses an invalid one', () => {
    const homeOf = (named: string, options: CodexOptionsRecord = {}): string | undefined => {
      const environment = { ...host, CODEX_HOME: named };
      return launchPlan(CodexOptions.from(options, environment), environment).plan.codexHome;
    };

    expect(homeOf('/srv/codex')).to.equal('/srv/codex');
    expect(homeOf('codex')).to.equal(join(process.cwd(), 'codex'));
    expect(homeOf('')).to.equal(undefined);
    expect(homeOf('~/codex', { codexHome: '/srv/codex' })).to.equal('/srv/codex');
    for (const named of ['~/codex', 'file:///srv/codex'])
      expect(() => homeOf(named)).to.throw(ValidationError, /CODEX_HOME/);
    expect(() => homeOf('/srv/codex', { env: { CODEX_HOME: '~' } })).to.throw(ValidationError);
  });

  it('refuses arguments and variables that are too long for a process, by name', () => {
    const long = 'x'.repeat(140_000);
    const options: CodexOptionsRecord[] = [
      { config: { developer_instructions: long } },
      { config: { mcp_servers: { docs: { args: [long] } } } },
      { configOverrides: ['a=1', `b="${long}"`] },
      { environment: { set: { BIG: long } } },
      { env: { BIG: long } },
    ];
    const refused = options.map((each) => {
      try {
        return new Codex(each);
      } catch (error) {
        return (error as ValidationError).problems.map(({ path }) => path).join();
      }
    });

    expect(refused).to.deep.equal([
      'config.developer_instructions',
      'config.mcp_servers.docs.args',
      'configOverrides[1]',
      'environment.set.BIG',
      'env.BIG',
    ]);
  });

  it("refuses the user's own home as a private one, and a CODEX_HOME in addition to it", () => {
    const isolated = { isolation: 'private' } as const;
    const refused: CodexOptionsRecord[] = [
      { codexHome: join(homedir(), '.codex') },
      { codexHome: homedir() },
      { codexHome: '/' },
      { env: { CODEX_HOME: '/srv/codex' } },
      { environment: { set: { CODEX_HOME: '/srv/codex' } } },
      { environment: { pass: ['CODEX_HOME'] } },
    ];

    for (const options of refused)
      expect(() => new Codex({ ...isolated, ...options }), JSON.stringify(options)).to.throw(
        ValidationError,
      );
    expect(() => new Codex({ ...isolated, codexHome: join(homedir(), 'codex') })).not.to.throw();
  });
});

describe('The real codex-rs', function () {
  this.timeout(20_000);

  it('uses config and configOverrides, and receives the client info', async () => {
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

  it('keeps the settings of the client next to those of a thread in the same table', async () => {
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

  it('bypasses a proxy for a provider on this machine, with any isolation', async () => {
    await using offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    // A port without a listener.
    const proxy = 'http://127.0.0.1:9';
    const names = [
      'HTTP_PROXY',
      'HTTPS_PROXY',
      'ALL_PROXY',
      'http_proxy',
      'https_proxy',
      'all_proxy',
    ];
    const env = {
      ...offline.environment,
      ...Object.fromEntries(names.map((name) => [name, proxy])),
      NO_PROXY: '.corp.example',
    };
    const { port } = new URL(offline.model.baseUrl);

    for (const isolation of ['user', 'private'] as const)
      for (const machine of ['127.0.0.1', 'localhost']) {
        const codex = offline.client({
          isolation,
          env,
          ...(isolation === 'private' ? { codexHome: undefined } : {}),
          baseUrl: `http://${machine}:${port}/v1`,
        });
        const { finalResponse } = await codex.startThread().run('Hi');
        expect(finalResponse, `${isolation}, ${machine}`).to.equal('Yes');
        await codex.close();
      }
    await noProcessLeft();
  });
});
