import { ApprovalHandler } from '../../lib/approvals/approval-handler.js';
import { expect } from 'chai';
import path from 'node:path';
import { ResumeValidator } from '../../lib/resume/resume-validator.js';
import { CodexOptions } from '../../lib/options/codex-options.js';

const problemsOf = (input: unknown, environment: NodeJS.ProcessEnv = {}): readonly string[] => {
  const examination = CodexOptions.check(input, environment);
  return examination.ok
    ? []
    : examination.problems.map(({ path: at, reason }) => `${at}: ${reason}`);
};

const plain = (instance: object | undefined): object => Object.assign({}, instance);

describe('CodexOptions', () => {
  describe('from', () => {
    it('sets the documented defaults and nothing else', () => {
      expect(plain(CodexOptions.from({}, {}))).to.deep.equal({
        auth: 'auto',
        isolation: 'user',
        experimentalApi: true,
        labelsToProvider: false,
        startupTimeoutMs: 30_000,
        mcpStartupTimeoutMs: 10_000,
        keepLoadedMs: 300_000,
        maxFrameBytes: 256 * 1024 * 1024,
      });
    });

    it('keeps every option', () => {
      const resumeValidator = new ResumeValidator();
      const approvals = new ApprovalHandler();
      const input = {
        auth: 'apiKey',
        baseUrl: 'http://127.0.0.1:4021/v1',
        codexPath: '/opt/codex',
        codexHome: '/srv/codex',
        env: { PATH: '/bin' },
        config: { features: { x: true } },
        configOverrides: ['a.b=1'],
        modelProvider: 'mock',
        clientInfo: { name: 'billing', title: 'Billing', version: '1.2.3' },
        isolation: 'private',
        experimentalApi: true,
        labelsToProvider: true,
        startupTimeoutMs: 1,
        mcpStartupTimeoutMs: 0,
        keepLoadedMs: 0,
        maxFrameBytes: 1024,
        resumeValidator,
        approvals,
      } as const;

      const options = CodexOptions.from({ ...input, apiKey: 'plain-key' }, {});

      const { apiKey, clientInfo, ...rest } = options;
      const { clientInfo: introduced, ...others } = input;
      expect(rest).to.deep.equal(others);
      expect(plain(clientInfo)).to.deep.equal(introduced);
      expect(apiKey?.reveal()).to.equal('plain-key');
      expect(options.resumeValidator).to.equal(resumeValidator).and.not.be.frozen;
      expect(options.approvals).to.equal(approvals).and.not.be.frozen;
      expect(CodexOptions.from({ experimentalApi: false }, {}).experimentalApi).to.equal(false);
    });

    it('returns a frozen value that shares nothing with its input', () => {
      const env: Record<string, string> = { A: '1' };

      const options = CodexOptions.from({ env }, {});
      env.A = '2';

      expect(options).to.be.frozen;
      expect(options.env).to.deep.equal({ A: '1' }).and.be.frozen;
    });

    it('accepts Maps, entries, snake_case, and numbers and booleans as strings', () => {
      const options = CodexOptions.from(
        new Map<string, unknown>([
          ['startup_timeout_ms', '1500'],
          ['experimental_api', 'false'],
          ['codex_home', 'home'],
        ]),
        {},
      );

      expect(options).to.include({
        startupTimeoutMs: 1500,
        experimentalApi: false,
        codexHome: path.resolve('home'),
      });
    });

    it('accepts the names of the official SDK and of the Python client', () => {
      expect(CodexOptions.from({ codexPathOverride: '/opt/codex' }, {}).codexPath).to.equal(
        '/opt/codex',
      );
      expect(CodexOptions.from({ codex_bin: '/opt/codex' }, {}).codexPath).to.equal('/opt/codex');
      expect(
        plain(CodexOptions.from({ client_name: 'billing', client_version: '1' }, {}).clientInfo),
      ).to.deep.equal({ name: 'billing', version: '1' });
    });

    it('rejects a group together with one of its members', () => {
      expect(problemsOf({ clientInfo: { name: 'a' }, clientName: 'b' })).to.deep.equal([
        'clientInfo: is given twice, as "clientInfo" and as "clientName": use one name',
      ]);
      expect(problemsOf({ client_name: 'a', clientName: 'b' })).to.have.length(1);
    });

    it('leaves a bare name in codexPath to the search path, and resolves other paths', () => {
      expect(CodexOptions.from({ codexPath: 'codex' }, {}).codexPath).to.equal('codex');
      expect(CodexOptions.from({ codexPath: './codex' }, {}).codexPath).to.equal(
        path.resolve('codex'),
      );
    });

    it('omits undefined variables from env', () => {
      expect(CodexOptions.from({ env: { A: undefined, B: '' } }, {}).env).to.deep.equal({ B: '' });
    });

    it('accepts a URL object as an address', () => {
      const options = CodexOptions.from({ baseUrl: new URL('https://example.test/v1') }, {});

      expect(options.baseUrl).to.equal('https://example.test/v1');
    });

    it('accepts its own result', () => {
      const options = CodexOptions.from({ apiKey: 'plain-key', env: { A: '1' } }, {});

      expect(CodexOptions.from(options, {})).to.deep.equal(options);
    });
  });

  describe('rejects', () => {
    it('all problems at once, in the order of the input', () => {
      expect(
        problemsOf({
          startupTimeoutMs: 0,
          baseUrl: 'localhost:80',
          env: { A: 1, 'B=C': 'x' },
          environment: { inherit: 'some', pass: ['A', ''] },
          configOverrides: ['a=1', 'b'],
          isolation: 'total',
          clientInfo: { name: 'café' },
          model: 'gpt-5.5',
          maxFrameBites: 1,
        }),
      ).to.deep.equal([
        'startupTimeoutMs: must be an integer from 1 to 2147483647, got 0',
        'baseUrl: must be an http or https URL without a user name, query or fragment, got "localhost:80"',
        'env.A: must be a string, got a value of type number',
        'env.B=C: is not a valid name for an environment variable',
        'environment.pass[1]: is not a valid name for an environment variable',
        'environment: cannot be combined with env, which replaces the whole environment',
        'environment.inherit: must be one of "all", "core", "none", got "some"',
        'configOverrides[1]: must be "key=value", got "b"',
        'isolation: must be one of "user", "private", got "total"',
        'clientInfo.name: must be non-empty ASCII text: it is sent in an HTTP header, got "café"',
        'model: is not an option here: pass it to startThread({ model })',
        'maxFrameBites: is not a known option; did you mean "maxFrameBytes"?',
      ]);
    });

    it('numbers that are not integers within bounds', () => {
      expect(problemsOf({ keepLoadedMs: 1.5 })).to.have.length(1);
      expect(problemsOf({ keepLoadedMs: -1 })).to.have.length(1);
      expect(problemsOf({ keepLoadedMs: Infinity })).to.have.length(1);
      expect(problemsOf({ keepLoadedMs: 2 ** 31 })).to.have.length(1);
      expect(problemsOf({ keepLoadedMs: '1e3' })).to.have.length(1);
      expect(problemsOf({ keepLoadedMs: 2 ** 31 - 1 })).to.be.empty;
    });

    it('versions that are not release versions', () => {
      expect(problemsOf({ minCodexVersion: '0.163' })).to.deep.equal([
        'minCodexVersion: must be a version such as "0.163.0", got "0.163"',
      ]);
      expect(problemsOf({ minCodexVersion: 'v0.163.0' })).to.have.length(1);
      expect(problemsOf({ minCodexVersion: '0.163.0-alpha.1' })).to.have.length(1);
      expect(problemsOf({ minCodexVersion: 163 })).to.have.length(1);
      expect(problemsOf({ minCodexVersion: '0.163.0' })).to.be.empty;
    });

    it('two different homes', () => {
      const reason = /^codexHome: differs from CODEX_HOME/;

      expect(problemsOf({ codexHome: '/a', env: { CODEX_HOME: '/b' } })[0]).to.match(reason);
      expect(
        problemsOf({ codexHome: '/a', environment: { set: { CODEX_HOME: '/b' } } })[0],
      ).to.match(reason);
      expect(problemsOf({ codexHome: '/a', env: { CODEX_HOME: '/a/' } })).to.be.empty;
    });

    it('a database directory that is set twice', () => {
      const sqliteHome = '/a';
      const reason = /^sqliteHome: (differs from CODEX_SQLITE_HOME|cannot be)/;

      expect(problemsOf({ sqliteHome, env: { CODEX_SQLITE_HOME: '/b' } })[0]).to.match(reason);
      expect(problemsOf({ sqliteHome, config: { sqlite_home: '/b' } })[0]).to.match(reason);
      expect(problemsOf({ sqliteHome, env: { CODEX_SQLITE_HOME: '/a/' } })).to.be.empty;
    });

    it('a strategy that is not an object', () => {
      expect(problemsOf({ resumeValidator: 'strict', approvals: true })).to.deep.equal([
        'resumeValidator: must be an object, got "strict"',
        'approvals: must be an object, got true',
      ]);
    });

    it('addresses with more than the address of a server', () => {
      expect(problemsOf({ baseUrl: 'https://me@example.test' })).to.have.length(1);
      expect(problemsOf({ baseUrl: 'https://example.test/v1?a=1' })).to.have.length(1);
      expect(problemsOf({ baseUrl: 'https://example.test/v1#a' })).to.have.length(1);
      expect(problemsOf({ baseUrl: 'file:///v1' })).to.have.length(1);
      expect(problemsOf({ baseUrl: 'http://[::1]:8080' })).to.be.empty;
    });

    it('a variable given twice', () => {
      const env = [
        ['A', '1'],
        ['A', '2'],
      ];

      expect(problemsOf({ env })).to.deep.equal(['env.A: is given twice']);
    });

    it('NUL in an environment', () => {
      expect(problemsOf({ env: { A: 'a\0b' } })).to.deep.equal([
        'env.A: must not contain NUL characters',
      ]);
    });
  });
});
