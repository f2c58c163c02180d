import { expect } from 'chai';
import { nearestName } from '../../lib/options/nearest-name.js';
import { ThreadOptions } from '../../lib/options/thread-options.js';

const read = (input: unknown): Record<string, unknown> => {
  const examination = ThreadOptions.check(input);
  return examination.ok ? examination.value.toJSON() : { problems: examination.problems };
};

describe('ThreadOptions, inputs', () => {
  it('are objects, Maps, entries and class instances', () => {
    class Mine {
      readonly model = 'gpt-5.5';
    }
    const expected = { model: 'gpt-5.5' };

    expect(read(expected)).to.deep.equal(expected);
    expect(read(new Map([['model', 'gpt-5.5']]))).to.deep.equal(expected);
    expect(read([['model', 'gpt-5.5']])).to.deep.equal(expected);
    expect(read(new Mine())).to.deep.equal(expected);
    expect(read(Object.assign(Object.create(null), expected))).to.deep.equal(expected);
  });

  it('may be in snake_case, including nested groups', () => {
    expect(
      read({
        model_provider: 'openai',
        sandbox_mode: 'workspace-write',
        additional_directories: ['/data'],
        tool_surface: { mcp_servers: ['docs'], web_search: true },
        approval_policy: { granular: { sandbox_approval: true } },
      }),
    ).to.deep.equal({
      modelProvider: 'openai',
      sandboxMode: 'workspace-write',
      additionalDirectories: ['/data'],
      toolSurface: { mcpServers: ['docs'], webSearch: true },
      approvalPolicy: {
        granular: {
          sandboxApproval: true,
          rules: false,
          skillApproval: false,
          requestPermissions: false,
          mcpElicitations: false,
        },
      },
    });
  });

  it('may use the names of the Python client', () => {
    expect(
      read({ cwd: '/repo', sandbox: 'read-only', effort: 'low', summary: 'auto' }),
    ).to.deep.equal({
      workingDirectory: '/repo',
      sandboxMode: 'read-only',
      modelReasoningEffort: 'low',
      modelReasoningSummary: 'auto',
    });
  });

  it('are typed under all these names, and a mistyped name does not compile', () => {
    const options = ThreadOptions.from({
      cwd: '/repo',
      sandbox: 'workspace_write',
      approval_mode: 'auto_review',
      developer_instructions: 'Be brief.',
      model: undefined,
      tool_surface: { shell: false },
    });

    expect(options).to.include({ sandboxMode: 'workspace-write', approvalMode: 'autoReview' });
    // @ts-expect-error -- no such option
    expect(() => ThreadOptions.from({ modle: 'gpt-5.5' })).to.throw('did you mean "model"?');
    // @ts-expect-error -- no such value
    expect(() => ThreadOptions.from({ sandboxMode: 'none' })).to.throw('must be one of');
  });

  it('may spell values as the Python client does', () => {
    expect(read({ sandbox: 'read_only', approval_mode: 'auto_review' })).to.deep.equal({
      sandboxMode: 'read-only',
      approvalMode: 'autoReview',
    });
    expect(read({ sandbox: 'workspace_write', approval_mode: 'deny_all' })).to.deep.equal({
      sandboxMode: 'workspace-write',
      approvalMode: 'denyAll',
    });
    expect(read({ sandbox: 'full_access' })).to.deep.equal({ sandboxMode: 'danger-full-access' });
    expect(read({ sandbox: 'full-access' })).to.deep.equal({ sandboxMode: 'danger-full-access' });
  });

  it('are rejected with two names for one option, and the error lists both', () => {
    expect(read({ cwd: '/a', workingDirectory: '/b' })).to.deep.equal({
      problems: [
        {
          path: 'workingDirectory',
          reason: 'is given twice, as "cwd" and as "workingDirectory": use one name',
        },
      ],
    });
    expect(read({ modelProvider: 'a', model_provider: 'a' })).to.have.property('problems');
  });

  it('are rejected with a duplicate name', () => {
    const input = [
      ['model', 'a'],
      ['model', 'a'],
    ];

    expect(read(input)).to.deep.equal({
      problems: [{ path: 'model', reason: 'is given twice' }],
    });
  });

  it('may have an undefined second name', () => {
    expect(read({ cwd: '/a', workingDirectory: undefined })).to.deep.equal({
      workingDirectory: '/a',
    });
  });

  it('are read strictly: "true" and "false" are booleans, "yes" and 1 are not', () => {
    expect(read({ ephemeral: 'true', trustProject: 'false' })).to.deep.equal({
      ephemeral: true,
      trustProject: false,
    });
    expect(read({ ephemeral: 'yes' })).to.have.property('problems');
    expect(read({ ephemeral: 1 })).to.have.property('problems');
    expect(read({ model: 5 })).to.have.property('problems');
  });

  it('may contain Maps in place of records', () => {
    const input = {
      labels: new Map([['team', 'payments']]),
      config: new Map([['features', new Map([['x', true]])]]),
      toolSurface: new Map([['shell', false]]),
    };

    expect(read(input)).to.deep.equal({
      labels: { team: 'payments' },
      config: { features: { x: true } },
      toolSurface: { shell: false },
    });
  });

  it('are rejected with a pointer to where an option of another object belongs', () => {
    expect(read({ outputSchema: {} })).to.deep.equal({
      problems: [
        {
          path: 'outputSchema',
          reason: 'is not an option here: pass it to run(input, { outputSchema })',
        },
      ],
    });
    expect(read({ api_key: 'plain-value' })).to.deep.equal({
      problems: [
        { path: 'api_key', reason: 'is not an option here: pass it to new Codex({ apiKey })' },
      ],
    });
  });

  it('must have names that are strings', () => {
    expect(read(new Map([[7, 'x']]))).to.deep.equal({
      problems: [{ path: '', reason: 'an option name must be a string, got 7' }],
    });
  });

  it('cannot use the inherited properties of every object', () => {
    expect(read(JSON.parse('{"__proto__":{"model":"x"}}'))).to.deep.equal({
      problems: [{ path: '__proto__', reason: 'is not a known option' }],
    });
    expect(read({ toString: 'x', constructor: 'x' }))
      .to.have.property('problems')
      .with.length(2);
  });
});

describe('nearestName', () => {
  const known = ['model', 'modelProvider', 'sandboxMode', 'cwd'];

  it('finds a name with an extra, missing, wrong or swapped letter', () => {
    expect(nearestName('modell', known)).to.equal('model');
    expect(nearestName('sandboxMod', known)).to.equal('sandboxMode');
    expect(nearestName('sendboxMode', known)).to.equal('sandboxMode');
    expect(nearestName('mdoel', known)).to.equal('model');
    expect(nearestName('cdw', known)).to.equal('cwd');
  });

  it('ignores case and separators', () => {
    expect(nearestName('Sandbox-Mode', known)).to.equal('sandboxMode');
    expect(nearestName('MODEL_PROVIDER', known)).to.equal('modelProvider');
  });

  it('returns nothing for a name that is far from all others', () => {
    expect(nearestName('temperature', known)).to.be.undefined;
    expect(nearestName('x', known)).to.be.undefined;
    expect(nearestName('', known)).to.be.undefined;
  });

  it('finds the only name with a typed beginning, in any spelling', () => {
    const names = ['workingDirectory', 'working_directory', 'model', 'modelProvider'];

    expect(nearestName('workingDir', names)).to.equal('workingDirectory');
    expect(nearestName('WORKING', names)).to.equal('workingDirectory');
    expect(nearestName('modelPro', names)).to.equal('modelProvider');
  });

  it('returns nothing for a beginning of several names, or of fewer than three letters', () => {
    expect(nearestName('webSearch', ['webSearchMode', 'webSearchEnabled'])).to.be.undefined;
    expect(nearestName('wo', ['workingDirectory'])).to.be.undefined;
  });

  it('prefers the closest of several', () => {
    expect(nearestName('modelProvide', known)).to.equal('modelProvider');
  });
});
