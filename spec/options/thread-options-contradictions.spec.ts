import { expect } from 'chai';
import { ThreadOptions, type ThreadOptionsInput } from '../../lib/options/thread-options.js';

const problemsOf = (input: ThreadOptionsInput): readonly string[] => {
  const examination = ThreadOptions.check(input);
  return examination.ok ? [] : examination.problems.map(({ path, reason }) => `${path}: ${reason}`);
};

describe('ThreadOptions, contradictions', () => {
  it('between an approval mode and a policy', () => {
    expect(problemsOf({ approvalMode: 'denyAll', approvalPolicy: 'never' })[0]).to.match(
      /^approvalMode: cannot be combined with approvalPolicy/,
    );
  });

  it('between the mode that bypasses the sandbox and a sandbox', () => {
    const approvalMode = 'dangerouslyBypassApprovalsAndSandbox';

    expect(problemsOf({ approvalMode, sandboxMode: 'read-only' })).to.deep.equal([
      'approvalMode: bypasses the sandbox, but sandboxMode is "read-only": keep one of them',
    ]);
    expect(problemsOf({ approvalMode, networkAccessEnabled: false })).to.have.length(1);
    expect(problemsOf({ approvalMode, sandboxMode: 'danger-full-access' })).to.be.empty;
    expect(problemsOf({ approval_mode: 'dangerously_bypass_approvals_and_sandbox' })).to.be.empty;
  });

  it('between a search mode and an opposite switch', () => {
    expect(problemsOf({ webSearchMode: 'disabled', webSearchEnabled: true })).to.deep.equal([
      'webSearchEnabled: is true, but webSearchMode is "disabled": keep one of them',
    ]);
    expect(problemsOf({ webSearchMode: 'cached', webSearchEnabled: false })).to.have.length(1);
    expect(problemsOf({ webSearchMode: 'cached', webSearchEnabled: true })).to.be.empty;
    expect(problemsOf({ webSearchMode: 'disabled', webSearchEnabled: false })).to.be.empty;
  });

  it('between the tool surface and web search', () => {
    expect(problemsOf({ toolSurface: { webSearch: false }, webSearchMode: 'live' })).to.deep.equal([
      'toolSurface.webSearch: is false, but webSearchMode has the opposite value: keep one of them',
    ]);
    expect(problemsOf({ toolSurface: { webSearch: true }, webSearchEnabled: false })).to.deep.equal(
      [
        'toolSurface.webSearch: is true, but webSearchEnabled has the opposite value: keep one of them',
      ],
    );
    expect(problemsOf({ toolSurface: { webSearch: true }, webSearchEnabled: true })).to.be.empty;
    expect(problemsOf({ toolSurface: { webSearch: false } })).to.be.empty;
  });

  it('between directories and a sandbox that cannot include them', () => {
    const additionalDirectories = ['/a'];

    expect(problemsOf({ additionalDirectories })).to.deep.equal([
      'additionalDirectories: require sandboxMode "workspace-write", but sandboxMode is not set',
    ]);
    expect(problemsOf({ additionalDirectories, sandboxMode: 'read-only' })).to.have.length(1);
    expect(problemsOf({ additionalDirectories, sandboxMode: 'danger-full-access' })).to.deep.equal([
      'additionalDirectories: require sandboxMode "workspace-write", but sandboxMode is "danger-full-access"',
    ]);
    expect(problemsOf({ additionalDirectories: [], sandboxMode: 'read-only' })).to.be.empty;
  });

  it('between network access and a sandbox that cannot control it', () => {
    expect(problemsOf({ networkAccessEnabled: true })).to.deep.equal([
      'networkAccessEnabled: requires sandboxMode, which is not set',
    ]);
    expect(
      problemsOf({ networkAccessEnabled: false, sandboxMode: 'danger-full-access' }),
    ).to.have.length(1);
    expect(problemsOf({ networkAccessEnabled: true, sandboxMode: 'danger-full-access' })).to.be
      .empty;
    expect(problemsOf({ networkAccessEnabled: true, sandboxMode: 'read-only' })).to.be.empty;
  });

  it('between an option and the setting of the same meaning, nested or dotted', () => {
    expect(problemsOf({ model: 'a', config: { model: 'a' } })).to.deep.equal([
      'config.model: duplicates model: keep only model',
    ]);
    expect(problemsOf({ webSearchEnabled: true, config: { web_search: 'live' } })).to.deep.equal([
      'config.web_search: duplicates webSearchEnabled: keep only webSearchEnabled',
    ]);
    expect(
      problemsOf({
        sandboxMode: 'workspace-write',
        networkAccessEnabled: true,
        config: { 'sandbox_workspace_write.network_access': false },
      }),
    ).to.have.length(1);
    expect(
      problemsOf({
        sandboxMode: 'workspace-write',
        networkAccessEnabled: true,
        config: { sandbox_workspace_write: { network_access: false } },
      }),
    ).to.have.length(1);
    expect(problemsOf({ model: 'a', config: { profiles: { x: { model: 'b' } } } })).to.be.empty;
  });

  it('between a sandbox in the configuration and an untrusted project', () => {
    const config = { sandbox_mode: 'workspace-write' };

    expect(problemsOf({ config })[0]).to.match(
      /^config.sandbox_mode: makes codex-rs store a trust/,
    );
    expect(problemsOf({ config, trustProject: true })).to.be.empty;
  });
});
