import { expect } from 'chai';
import { ThreadOptions, type ThreadOptionsInput } from '../../lib/options/thread-options.js';

const merged = (
  input: ThreadOptionsInput,
  ...over: readonly ThreadOptionsInput[]
): Record<string, unknown> => ThreadOptions.from(input, ...over).toJSON();

describe('ThreadOptions, merged', () => {
  it('replace single values and keep the others', () => {
    expect(merged({ model: 'a', serviceTier: 'x' }, { model: 'b' })).to.deep.equal({
      model: 'b',
      serviceTier: 'x',
    });
  });

  it('do not change the old options', () => {
    const options = ThreadOptions.from({ model: 'a', labels: { a: '1' }, config: { x: { y: 1 } } });

    options.merge({ model: 'b', labels: { a: '2' }, config: { x: { y: 2 } } });

    expect(options.toJSON()).to.deep.equal({
      model: 'a',
      labels: { a: '1' },
      config: { x: { y: 1 } },
    });
  });

  it('keep values that are undefined in the later input', () => {
    expect(merged({ model: 'a' }, { model: undefined })).to.deep.equal({ model: 'a' });
  });

  it('merge labels', () => {
    expect(merged({ labels: { a: '1', b: '1' } }, { labels: { b: '2' } })).to.deep.equal({
      labels: { a: '1', b: '2' },
    });
  });

  it('merge configuration deeply, and replace its arrays', () => {
    const earlier = { config: { mcp_servers: { a: { args: ['1'], on: true } }, x: 1 } };
    const later = { config: { mcp_servers: { a: { args: ['2'] }, b: {} } } };

    expect(merged(earlier, later)).to.deep.equal({
      config: { mcp_servers: { a: { args: ['2'], on: true }, b: {} }, x: 1 },
    });
  });

  it('merge the tool surface', () => {
    const options = ThreadOptions.from({ toolSurface: { shell: false, mcpServers: ['a'] } });

    const { toolSurface } = options.merge({ toolSurface: { mcpServers: [] } });

    expect(toolSurface).to.deep.include({ shell: false, mcpServers: [] }).and.be.frozen;
  });

  it('append tools and replace directories', () => {
    const [one, two] = [{ name: 'one' }, { name: 'two' }];
    const options = ThreadOptions.from({
      tools: [one],
      sandboxMode: 'workspace-write',
      additionalDirectories: ['/a'],
    }).merge({ tools: [two], additionalDirectories: ['/b'] });

    expect(options.tools).to.deep.equal([one, two]).and.be.frozen;
    expect(options.tools?.[0]).to.equal(one);
    expect(options.additionalDirectories).to.deep.equal(['/b']);
  });

  it('replace an earlier policy by a later approval mode, and vice versa', () => {
    expect(merged({ approvalPolicy: 'never' }, { approvalMode: 'autoReview' })).to.deep.equal({
      approvalMode: 'autoReview',
    });
    expect(merged({ approvalMode: 'denyAll' }, { approvalPolicy: 'untrusted' })).to.deep.equal({
      approvalPolicy: 'untrusted',
    });
  });

  it('replace an earlier switch by a later search mode, and vice versa', () => {
    expect(merged({ webSearchEnabled: false }, { webSearchMode: 'live' })).to.deep.equal({
      webSearchMode: 'live',
    });
    expect(merged({ webSearchMode: 'live' }, { webSearchEnabled: false })).to.deep.equal({
      webSearchEnabled: false,
    });
  });

  it('drop directories that the later sandbox cannot include', () => {
    const earlier = { sandboxMode: 'workspace-write', additionalDirectories: ['/a'] } as const;

    expect(merged(earlier, { sandboxMode: 'read-only' })).to.deep.equal({
      sandboxMode: 'read-only',
    });
    expect(merged(earlier, { sandboxMode: 'workspace-write' })).to.deep.equal(earlier);
  });

  it('never drop a restriction', () => {
    const options = ThreadOptions.from({
      sandboxMode: 'workspace-write',
      networkAccessEnabled: false,
    });

    expect(() => options.merge({ sandboxMode: 'danger-full-access' })).to.throw(
      'networkAccessEnabled: cannot be false with sandboxMode "danger-full-access"',
    );
  });

  it('replace a setting by the option of the same meaning, and vice versa', () => {
    expect(merged({ config: { model: 'a', x: 1 } }, { model: 'b' })).to.deep.equal({
      config: { x: 1 },
      model: 'b',
    });
    expect(merged({ model: 'a' }, { config: { model: 'b' } })).to.deep.equal({
      config: { model: 'b' },
    });
    expect(
      merged(
        { config: { sandbox_workspace_write: { network_access: true, exclude_slash_tmp: true } } },
        { sandboxMode: 'workspace-write', networkAccessEnabled: false },
      ),
    ).to.deep.equal({
      config: { sandbox_workspace_write: { exclude_slash_tmp: true } },
      sandboxMode: 'workspace-write',
      networkAccessEnabled: false,
    });
  });

  it('are validated after all inputs are merged, in any order', () => {
    const expected = { additionalDirectories: ['/a'], sandboxMode: 'workspace-write' };

    expect(
      merged({ additionalDirectories: ['/a'] }, { sandboxMode: 'workspace-write' }),
    ).to.deep.equal(expected);
  });

  it('report the problems of every input', () => {
    const examination = ThreadOptions.check({ modle: 'a' }, { labels: { a: '' } });

    expect(examination).to.have.property('problems').with.length(2);
  });
});
