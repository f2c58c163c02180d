import { ApprovalHandler } from '../../lib/approvals/approval-handler.js';
import { expect } from 'chai';
import { inspect } from 'node:util';
import path from 'node:path';
import { ValidationError } from '../../lib/errors.js';
import { Labels } from '../../lib/record/labels.js';
import { ThreadOptions, type ThreadOptionsInput } from '../../lib/options/thread-options.js';

const everything = {
  model: 'gpt-5.5',
  modelProvider: 'openai',
  modelReasoningEffort: 'high',
  modelReasoningSummary: 'concise',
  sandboxMode: 'workspace-write',
  workingDirectory: '/repo',
  additionalDirectories: ['/data'],
  networkAccessEnabled: true,
  webSearchMode: 'live',
  approvalPolicy: 'on-request',
  toolSurface: { shell: true, webSearch: true, mcpServers: ['docs'], apps: false },
  baseInstructions: 'Be brief.',
  developerInstructions: '',
  personality: 'pragmatic',
  serviceTier: 'priority',
  serviceName: 'billing',
  threadSource: 'user',
  ephemeral: false,
  trustProject: false,
  skipGitRepoCheck: true,
  config: { mcp_servers: { docs: { command: 'docs', args: ['--fast'] } } },
  labels: { team: 'payments' },
} as const;

describe('ThreadOptions', () => {
  describe('from', () => {
    it('keeps every option', () => {
      expect(ThreadOptions.from(everything).toJSON()).to.deep.equal(everything);
    });

    it('omits values that were not given', () => {
      const options = ThreadOptions.from({ model: 'gpt-5.5', sandboxMode: undefined });

      expect(Object.keys(options)).to.have.members(['labels', 'model']);
    });

    it('has no labels by default', () => {
      expect(ThreadOptions.from().labels).to.equal(Labels.empty);
    });

    it('returns a frozen value that shares nothing with its input', () => {
      const input = {
        sandboxMode: 'workspace-write' as const,
        additionalDirectories: ['/data'],
        config: { nested: { list: [1] } },
        toolSurface: { mcpServers: ['docs'] },
      };

      const options = ThreadOptions.from(input);
      input.additionalDirectories.push('/etc');
      input.config.nested.list.push(2);
      input.toolSurface.mcpServers.push('all');

      expect(options.additionalDirectories).to.deep.equal(['/data']).and.be.frozen;
      expect(options.config).to.deep.equal({ nested: { list: [1] } });
      expect(options.config?.nested).to.be.frozen;
      expect(options.toolSurface?.mcpServers).to.deep.equal(['docs']).and.be.frozen;
      expect(options).to.be.frozen;
      expect(input.config).not.to.be.frozen;
    });

    it('keeps handlers and tools unchanged', () => {
      const tool = { name: 'lookup', limits: { calls: 1 } };
      const approvals = new ApprovalHandler();
      const tools = [tool];

      const options = ThreadOptions.from({ tools, approvals });

      expect(options.tools?.[0]).to.equal(tool);
      expect(options.approvals).to.equal(approvals);
      expect(tool).not.to.be.frozen;
      expect(tool.limits).not.to.be.frozen;
      expect(approvals).not.to.be.frozen;
      expect(tools).not.to.be.frozen;
    });

    it('returns options that are passed to it', () => {
      const options = ThreadOptions.from(everything);

      expect(ThreadOptions.from(options)).to.equal(options);
    });

    it('resolves relative paths against the current directory', () => {
      const options = ThreadOptions.from({
        workingDirectory: 'repo',
        sandboxMode: 'workspace-write',
        additionalDirectories: ['../data'],
      });

      expect(options.workingDirectory).to.equal(path.resolve('repo'));
      expect(options.additionalDirectories).to.deep.equal([path.resolve('../data')]);
    });

    it('completes a granular approval policy with denials', () => {
      const options = ThreadOptions.from({ approvalPolicy: { granular: { rules: true } } });

      expect(options.approvalPolicy).to.deep.equal({
        granular: {
          sandboxApproval: false,
          rules: true,
          skillApproval: false,
          requestPermissions: false,
          mcpElicitations: false,
        },
      });
    });

    it('accepts empty instructions', () => {
      const options = ThreadOptions.from({ baseInstructions: '', developerInstructions: '' });

      expect(options).to.include({ baseInstructions: '', developerInstructions: '' });
    });

    it('accepts an unknown reasoning effort', () => {
      expect(ThreadOptions.from({ modelReasoningEffort: 'heroic' })).to.include({
        modelReasoningEffort: 'heroic',
      });
    });
  });

  describe('rejects', () => {
    const problemsOf = (input: unknown): readonly string[] => {
      const examination = ThreadOptions.check(input);
      return examination.ok
        ? []
        : examination.problems.map(({ path: at, reason }) => `${at}: ${reason}`);
    };

    it('all problems at once, in the order of the input', () => {
      expect(
        problemsOf({
          ephemeral: 'perhaps',
          modle: 'gpt-5.5',
          labels: { ok: 'yes', 'a=b': 'no', empty: '' },
          toolSurface: { shel: true, mcpServers: [7] },
          sandboxMode: 'none',
          tools: ['lookup'],
          model: ' ',
        }),
      ).to.deep.equal([
        'ephemeral: must be true or false, got "perhaps"',
        'modle: is not a known option; did you mean "model"?',
        'labels.a=b: a label name must not contain "="',
        'labels.empty: must not be empty: omit the label instead',
        'toolSurface.shel: is not a known option; did you mean "shell"?',
        'toolSurface.mcpServers[0]: must be a non-empty string, got 7',
        'sandboxMode: must be one of "read-only", "workspace-write", "danger-full-access", got "none"',
        'tools[0]: must be an object, got "lookup"',
        'model: must be a non-empty string, got " "',
      ]);
    });

    it('with an error that lists the same problems', () => {
      const input = { ephemeral: 1, modle: 'x' } as unknown as ThreadOptionsInput;

      expect(() => ThreadOptions.from(input))
        .to.throw(ValidationError, 'Invalid thread options (2 problems):')
        .with.property('problems')
        .that.has.length(2);
    });

    it('null, which could mean "not given" or "unset"', () => {
      expect(problemsOf({ model: null })).to.deep.equal([
        'model: must not be null: omit the option instead',
      ]);
    });

    it('the retired approval policy, with its replacement', () => {
      expect(problemsOf({ approvalPolicy: 'on-failure' })).to.deep.equal([
        'approvalPolicy: "on-failure" is retired: use "on-request" or "untrusted"',
      ]);
    });

    it('an approval policy that is neither a name nor granular', () => {
      const expected = /must be one of "untrusted", "on-request", "never"/;

      expect(problemsOf({ approvalPolicy: 'always' })[0]).to.match(expected);
      expect(problemsOf({ approvalPolicy: { granular: {}, extra: 1 } })[0]).to.match(expected);
      expect(problemsOf({ approvalPolicy: { granular: { ruels: true } } })).to.deep.equal([
        'approvalPolicy.granular.ruels: is not a known option; did you mean "rules"?',
      ]);
      expect(problemsOf({ approvalPolicy: { granular: { rules: 1 } } })[0]).to.match(expected);
    });

    it('a tilde, which is never expanded', () => {
      expect(problemsOf({ workingDirectory: '~/repo' })).to.deep.equal([
        'workingDirectory: must not start with "~", which is not expanded: pass the absolute path of the home directory',
      ]);
      expect(problemsOf({ workingDirectory: '~' })).to.have.length(1);
      expect(problemsOf({ workingDirectory: '/repo/~' })).to.be.empty;
    });

    it('NUL in a path', () => {
      expect(problemsOf({ workingDirectory: '/repo\0' })).to.deep.equal([
        'workingDirectory: must not contain NUL',
      ]);
    });

    it('a URL where a path belongs', () => {
      const url = 'file:///repo';

      expect(problemsOf({ workingDirectory: url, additionalDirectories: [url] })).to.include(
        'workingDirectory: must be a path, not a URL, got "file:///repo"',
      );
      expect(problemsOf({ additionalDirectories: [url] })[0]).to.equal(
        'additionalDirectories[0]: must be a path, not a URL, got "file:///repo"',
      );
    });

    it('a single string in place of an array', () => {
      expect(problemsOf({ toolSurface: { mcpServers: 'docs' } })).to.deep.equal([
        'toolSurface.mcpServers: must be an array of strings, got "docs"',
      ]);
    });

    it('configuration that is not JSON, with its path', () => {
      const looped: Record<string, unknown> = {};
      looped.self = { looped };

      expect(
        problemsOf({
          config: {
            fn: () => 1,
            nan: NaN,
            nothing: null,
            deep: [{ date: new Date(0) }],
            ['__proto__x']: 1,
            looped,
          },
        }),
      ).to.deep.equal([
        'config.fn: must be a string, a finite number, a boolean, an array or an object, got a function',
        'config.nan: must be a string, a finite number, a boolean, an array or an object, got NaN',
        'config.nothing: must not be null, which codex-rs reads as an empty string, got null',
        'config.deep[0].date: must be a string, a finite number, a boolean, an array or an object, got an instance of Date',
        'config.looped.self.looped: contains a circular reference',
      ]);
    });

    it('reserved names in configuration', () => {
      const config: unknown = JSON.parse('{"__proto__":{"polluted":true}}');

      expect(problemsOf({ config })).to.deep.equal([
        'config.__proto__: is not a valid setting name',
      ]);
      expect({}).not.to.have.property('polluted');
    });

    it('circular configuration', () => {
      let config: Record<string, unknown> = {};
      for (let depth = 0; depth < 5000; depth++) config = { deeper: config };

      expect(problemsOf({ config })[0]).to.match(/is nested more than 64 levels deep$/);
    });

    it('an input of the wrong type', () => {
      expect(problemsOf(null)[0]).to.match(/^: must be an object, a Map or .*, got null$/);
      expect(problemsOf(Promise.resolve({}))[0]).to.match(/got an instance of Promise$/);
      expect(problemsOf(['model', 'gpt-5.5'])[0]).to.match(/got an array$/);
      expect(problemsOf(7)[0]).to.match(/got 7$/);
    });
  });

  describe('toJSON', () => {
    it('is a valid input for equal options', () => {
      const options = ThreadOptions.from(everything);
      const json = JSON.parse(JSON.stringify(options)) as ThreadOptionsInput;

      expect(ThreadOptions.from(json).equals(options)).to.be.true;
    });

    it('has no handlers, tools or empty labels', () => {
      const options = ThreadOptions.from({
        tools: [{ name: 'lookup' }],
        approvals: new ApprovalHandler(),
      });

      expect(options.toJSON()).to.deep.equal({});
    });

    it('omits credentials in configuration, by name, value and table', () => {
      const options = ThreadOptions.from({
        config: {
          mcp_servers: {
            docs: {
              url: 'https://docs.test',
              bearer_token: 'plain-1',
              bearer_token_env_var: 'DOCS_TOKEN',
              env: { ANYTHING: 'plain-2' },
              http_headers: { 'X-Anything': 'plain-3' },
              args: ['--key', 'sk-abcdefghijklmnop'],
            },
          },
        },
      });

      expect(options.toJSON()).to.deep.equal({
        config: {
          mcp_servers: {
            docs: {
              url: 'https://docs.test',
              bearer_token_env_var: 'DOCS_TOKEN',
              args: ['--key'],
            },
          },
        },
      });
      expect(inspect(options)).not.to.match(/plain-\d|sk-/);
    });
  });

  describe('equals', () => {
    it('compares values, and handlers by identity', () => {
      const approvals = new ApprovalHandler();
      const tool = {};
      const options = ThreadOptions.from({ approvals, tools: [tool], config: { a: 1 } });

      const same = ThreadOptions.from({ config: { a: 1 }, tools: [tool], approvals });

      expect(options.equals(same)).to.be.true;
      expect(options.equals(options.merge({ approvals: new ApprovalHandler() }))).to.be.false;
      expect(options.equals(options.merge({ tools: [tool] }))).to.be.false;
      expect(options.equals(ThreadOptions.from({ ...same.toJSON(), approvals, tools: [{}] }))).to.be
        .false;
      expect(options.equals(options.merge({ config: { a: 2 } }))).to.be.false;
      expect(options.equals(options.merge({ labels: { a: '1' } }))).to.be.false;
    });

    it('detects a difference in credentials, which JSON omits', () => {
      const one = ThreadOptions.from({ config: { token: 'plain-1' } });
      const other = ThreadOptions.from({ config: { token: 'plain-2' } });

      expect(one.equals(other)).to.be.false;
    });
  });

  describe('labelled', () => {
    it('has exactly the given labels and every other option', () => {
      const options = ThreadOptions.from(everything).labelled(Labels.from({ a: '1' }));

      expect(options.toJSON()).to.deep.equal({ ...everything, labels: { a: '1' } });
      expect(options).to.be.frozen;
    });
  });
});
