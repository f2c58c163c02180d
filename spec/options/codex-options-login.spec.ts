import { expect } from 'chai';
import { inspect } from 'node:util';
import { ValidationError } from '../../lib/errors.js';
import { MissingApiKeyError } from '../../lib/options/missing-api-key-error.js';
import { Secret } from '../../lib/redaction.js';
import { findApiKey } from '../../lib/options/api-key.js';
import { CodexOptions, type CodexOptionsInput } from '../../lib/options/codex-options.js';

const problemsOf = (input: unknown, environment: NodeJS.ProcessEnv = {}): readonly string[] => {
  const examination = CodexOptions.check(input, environment);
  return examination.ok
    ? []
    : examination.problems.map(({ path: at, reason }) => `${at}: ${reason}`);
};

const everywhere = (options: CodexOptions): string =>
  [inspect(options), inspect({ deep: { options } }), JSON.stringify(options)].join();

describe('CodexOptions, login', () => {
  describe('credentials', () => {
    it('are held as secrets', () => {
      const options = CodexOptions.from(
        { apiKey: 'plain-key', continuationSecret: new Secret('sixteen-letters-x') },
        {},
      );

      expect(options.apiKey).to.be.instanceOf(Secret);
      expect(options.apiKey?.reveal()).to.equal('plain-key');
      expect(options.continuationSecret?.reveal()).to.equal('sixteen-letters-x');
    });

    it('may be Secret instances of another copy of the package', () => {
      const foreign = { reveal: () => 'plain-key' } as unknown as Secret;

      const { apiKey } = CodexOptions.from({ apiKey: foreign }, {});

      expect(apiKey).to.be.instanceOf(Secret);
      expect(apiKey?.reveal()).to.equal('plain-key');
    });

    it('do not appear in any output', () => {
      const options = CodexOptions.from(
        {
          apiKey: 'hidden-1',
          continuationSecret: 'hidden-2-hidden-2',
          auth: 'apiKey',
          environment: { pass: ['PASSED_TOKEN'], set: { INNOCENT: 'hidden-3' } },
          config: { model_providers: { x: { experimental_bearer_token: 'hidden-4' } } },
          configOverrides: [
            'model_providers.y.experimental_bearer_token="hidden-5"',
            'mcp_servers.z={command="z",env={A="hidden-6"}}',
            'mcp_servers.z.env.A="hidden-7"',
            'otel.exporter={otlp-http={endpoint="https://otel",headers={x="hidden-8"}}}',
            'mcp_servers.w={url="https://w",http_headers={"X-Auth"="hidden-9"}}',
            'mcp_servers.v.url="https://me:hidden-10@v"',
            'model_providers.y.env_key="Y_KEY"',
            'model_providers.y={name="y",requires_openai_auth=false}',
            'model_providers.y.env_http_headers={api-key="Z_KEY"}',
            'cli_auth_credentials_store="keyring"',
          ],
        },
        {},
      );

      expect(everywhere(options)).not.to.contain('hidden');
      for (const kept of ['INNOCENT', 'Y_KEY', 'requires_openai_auth=false', 'Z_KEY', 'keyring'])
        expect(everywhere(options)).to.contain(kept);
      expect(options.toJSON()).to.deep.include({ auth: 'apiKey' });
      expect(options.toJSON()).to.have.deep.nested.property('environment.pass', ['PASSED_TOKEN']);
      expect(options.environment?.set).to.deep.equal({ INNOCENT: 'hidden-3' });
    });

    it('in env do not appear in any output, under any name', () => {
      const options = CodexOptions.from({ env: { INNOCENT: 'hidden' } }, {});

      expect(everywhere(options)).not.to.contain('hidden');
      expect(options.toJSON()).to.have.deep.property('env', { INNOCENT: '[redacted]' });
    });

    it('are not part of messages about them', () => {
      const input = {
        apiKey: 'hidden with spaces',
        continuationSecret: 'hidden-short',
        env: { A: ['hidden'] },
        auth: 'hidden',
        baseUrl: 'https://me:hidden@example.test',
      } as unknown as CodexOptionsInput;

      expect(() => CodexOptions.from(input, {}))
        .to.throw(ValidationError)
        .satisfies(
          (error: ValidationError) => !JSON.stringify([error, error.message]).includes('hidden'),
        );
      expect(problemsOf('hidden').join()).not.to.contain('hidden');
    });

    it('are trimmed', () => {
      for (const apiKey of [' plain-key\r\n', new Secret('plain-key\n')])
        expect(CodexOptions.from({ apiKey }, {}).apiKey?.reveal()).to.equal('plain-key');
    });

    it('are rejected if they are empty, blank, too short, or of the wrong type', () => {
      for (const apiKey of ['', ' \n'])
        expect(problemsOf({ apiKey })).to.deep.equal(['apiKey: must not be empty']);
      expect(problemsOf({ apiKey: 'plain key' })).to.deep.equal([
        'apiKey: must not contain white space',
      ]);
      expect(problemsOf({ apiKey: 'plain\u0001key' })).to.deep.equal([
        'apiKey: must not contain control characters',
      ]);
      expect(problemsOf({ apiKey: 7 })).to.deep.equal([
        'apiKey: must be a string or a Secret, got a value of type number',
      ]);
      expect(problemsOf({ continuationSecret: 'short' })).to.deep.equal([
        'continuationSecret: must have at least 16 characters',
      ]);
    });

    it('are rejected as masks, so that JSON for logs is not accepted as options', () => {
      const json: unknown = JSON.parse(
        JSON.stringify(CodexOptions.from({ apiKey: 'plain-key', env: { A: '1' } }, {})),
      );

      expect(problemsOf(json)).to.deep.equal([
        'apiKey: is the text "[redacted]": pass the secret itself',
        'env.A: is the mask of a redacted value: pass the value itself',
      ]);
    });
  });

  const auth = 'apiKey' as const;

  describe('auth "apiKey"', () => {
    it('requires a key', () => {
      expect(() => CodexOptions.from({ auth }, {})).to.throw(MissingApiKeyError);
    });

    it('accepts the option, or a variable', () => {
      expect(problemsOf({ auth, apiKey: 'plain-key' })).to.be.empty;
      expect(problemsOf({ auth }, { CODEX_API_KEY: 'plain-key' })).to.be.empty;
      expect(problemsOf({ auth }, { OPENAI_API_KEY: 'plain-key' })).to.be.empty;
    });

    it('does not accept an empty variable', () => {
      expect(problemsOf({ auth }, { CODEX_API_KEY: ' ' })).to.have.length(1);
    });

    it('reads env instead of the environment if env is given', () => {
      expect(problemsOf({ auth, env: { CODEX_API_KEY: 'plain-key' } })).to.be.empty;
      expect(problemsOf({ auth, env: {} }, { CODEX_API_KEY: 'plain-key' })).to.have.length(1);
    });

    it('reports the missing key among other problems', () => {
      expect(problemsOf({ auth, isolation: 'total' })).to.deep.equal([
        'isolation: must be one of "user", "private", got "total"',
        'apiKey: is required because auth is "apiKey": pass a key, or set CODEX_API_KEY or OPENAI_API_KEY',
      ]);
    });

    it('does not report a rejected key as missing', () => {
      expect(problemsOf({ auth, apiKey: '' })).to.deep.equal(['apiKey: must not be empty']);
    });
  });

  describe('findApiKey', () => {
    const ambient = { CODEX_API_KEY: 'codex', OPENAI_API_KEY: 'openai' };
    const found = (input: CodexOptionsInput, environment: NodeJS.ProcessEnv): unknown => {
      const key = findApiKey(CodexOptions.from(input, {}), environment);
      return key && [key.source, key.key.reveal()];
    };

    it('prefers the option, then CODEX_API_KEY, then OPENAI_API_KEY', () => {
      expect(found({ apiKey: 'option' }, ambient)).to.deep.equal(['apiKey', 'option']);
      expect(found({}, ambient)).to.deep.equal(['CODEX_API_KEY', 'codex']);
      expect(found({}, { OPENAI_API_KEY: ' openai\n' })).to.deep.equal([
        'OPENAI_API_KEY',
        'openai',
      ]);
      expect(found({}, {})).to.be.null;
    });

    it('ignores a blank variable', () => {
      const variables = { CODEX_API_KEY: ' \n', OPENAI_API_KEY: 'openai' };

      expect(found({}, variables)).to.deep.equal(['OPENAI_API_KEY', 'openai']);
      expect(found({ env: variables }, ambient)).to.deep.equal(['OPENAI_API_KEY', 'openai']);
      expect(found({}, { CODEX_API_KEY: '', OPENAI_API_KEY: '\t' })).to.be.null;
    });

    it('names the variable whose value cannot be sent', () => {
      const flawed = { CODEX_API_KEY: 'hidden key' };

      expect(problemsOf({}, flawed)).to.deep.equal([
        'CODEX_API_KEY (environment variable): must not contain white space',
      ]);
      expect(problemsOf({ auth, env: { OPENAI_API_KEY: 'hidden\u0007' } })).to.deep.equal([
        'env.OPENAI_API_KEY: must not contain control characters',
      ]);
      expect(problemsOf({ environment: { set: flawed } })).to.deep.equal([
        'environment.set.CODEX_API_KEY: must not contain white space',
      ]);
    });

    it('accepts such a variable where the key is not used', () => {
      const flawed = { CODEX_API_KEY: 'hidden key' };
      const config = {
        model_provider: 'mine',
        model_providers: { mine: { name: 'mine', base_url: 'http://host', env_key: 'MY_KEY' } },
      };

      expect(problemsOf({ apiKey: 'plain-key' }, flawed)).to.be.empty;
      expect(problemsOf({ config }, flawed)).to.be.empty;
    });

    it('reads the environment of the codex process', () => {
      expect(found({ environment: { inherit: 'core' } }, ambient)).to.be.null;
      expect(found({ environment: { inherit: 'all' } }, ambient)).not.to.be.null;
      expect(
        found({ environment: { inherit: 'none', pass: ['OPENAI_API_KEY'] } }, ambient),
      ).to.deep.equal(['OPENAI_API_KEY', 'openai']);
      expect(found({ environment: { set: { CODEX_API_KEY: 'set' } } }, ambient)).to.deep.equal([
        'CODEX_API_KEY',
        'set',
      ]);
    });
  });
});
