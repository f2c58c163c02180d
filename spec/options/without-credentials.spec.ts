import { expect } from 'chai';
import { Redactor, Secret } from '../../lib/redaction.js';
import { withoutCredentials } from '../../lib/options/without-credentials.js';

describe('withoutCredentials', () => {
  it('omits values with the name of a secret, at any depth and in any spelling', () => {
    const secrets = {
      api_key: 'canary',
      passphrase: 'canary',
      passwd: 'canary',
      'x-auth': 'canary',
      authToken: 'canary',
      private_key_pem: 'canary',
      bearer: 'canary',
      session: 'canary',
      cookies: { sid: 'canary' },
      credentials: { user: 'me', value: 'canary' },
      tokens: ['canary'],
      auth: { user: 'me', pass: 'canary' },
    };

    expect(withoutCredentials({ a: [[{ b: secrets }]] })).to.deep.equal({
      a: [[{ b: { auth: { user: 'me' } } }]],
    });
  });

  it('omits tables of headers and of variables, including dotted members', () => {
    const config = {
      otel: { exporter: { 'otlp-http': { endpoint: 'https://otel', headers: { x: 'canary' } } } },
      'mcp_servers.bank.http_headers.x': 'canary',
      'mcp_servers.shop.env.A': 'canary',
      mcp_servers: {
        club: { url: 'https://club', httpHeaders: { x: 'canary' }, headers: ['x: canary'] },
        gym: { command: 'gym', env: { A: 'canary' } },
      },
    };

    expect(withoutCredentials(config)).to.deep.equal({
      otel: { exporter: { 'otlp-http': { endpoint: 'https://otel' } } },
      mcp_servers: { club: { url: 'https://club' }, gym: { command: 'gym' } },
    });
  });

  it('omits command arguments and addresses that contain secrets', () => {
    const config = {
      one: { args: ['serve', '--api-key', 'canary'] },
      two: { args: ['--token=canary', '--verbose'] },
      three: { args: ['run', '-e', 'BANK_TOKEN=canary', 'bank'] },
      four: { url: 'https://me:canary@host/' },
      five: { url: 'https://host/?api_key=canary&page=1' },
      six: { args: ['--token-file', '/run/token'], url: 'https://host/?page=1' },
    };

    expect(withoutCredentials(config)).to.deep.equal({
      one: { args: ['serve', '--api-key'] },
      two: { args: ['--verbose'] },
      three: { args: ['run', '-e', 'bank'] },
      four: {},
      five: {},
      six: config.six,
    });
  });

  it('keeps settings whose names only resemble those of secrets', () => {
    const config = {
      author: 'me',
      authority: 'https://login.example',
      max_tokens: '4096',
      tokenLimit: '100',
      model_auto_compact_token_limit: 200_000,
      model_auto_compact_token_limit_scope: 'total',
      cli_auth_credentials_store: 'keyring',
      forced_login_method: 'chatgpt',
      tui: { session_picker_view: 'dense' },
      shell_environment_policy: { exclude: ['*_TOKEN'], set: { CI: 'true' } },
      model_providers: {
        mine: {
          env_key: 'MY_KEY',
          envKey: 'MY_KEY',
          env_key_instructions: 'Ask the admin.',
          env_http_headers: { 'api-key': 'MY_KEY' },
          requires_openai_auth: true,
          auth: { command: 'print-token', args: ['--quiet'], timeout_ms: 5000 },
          credential_file: '/run/credential',
        },
      },
      mcp_servers: {
        bank: {
          bearer_token_env_var: 'BANK_TOKEN',
          env_vars: ['BANK_TOKEN'],
          enabled_tools: ['auth'],
        },
      },
    };

    expect(withoutCredentials(config)).to.deep.equal(config);
  });

  it('omits values that contain a known secret, but not those that contain a placeholder', () => {
    const redactor = new Redactor(
      ['the-key-of-the-client', 'lm-studio', 'x'].map((key) => new Secret(key)),
    );
    const options = { modelProvider: 'lm-studio', developerInstructions: 'Ask lm-studio for x.' };

    expect(
      withoutCredentials({ ...options, note: 'say the-key-of-the-client' }, redactor),
    ).to.deep.equal(options);
  });
});
