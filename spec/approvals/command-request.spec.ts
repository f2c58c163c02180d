import { expect } from 'chai';
import { CodexError } from '../../lib/errors.js';
import type { CommandExecutionRequestApprovalParams } from '../../lib/protocol/index.js';
import { asked, serverRequest, threadId, turnId } from './server-requests.js';

const method = 'item/commandExecution/requestApproval';
const ask = (given: Partial<CommandExecutionRequestApprovalParams> = {}) =>
  asked('command', serverRequest(method, given));

describe('CommandRequest', () => {
  it('has the command, its directory, its reason and its thread', () => {
    const request = ask({ reason: 'needs the network' });

    expect(request).to.include({
      threadId,
      turnId,
      itemId: 'call_1',
      source: 'command',
      command: "/bin/bash -lc 'npm test'",
      workingDirectory: '/repo',
      justification: 'needs the network',
    });
    expect(request.labels).to.deep.equal({ team: 'payments' });
    expect(request.proposedRule).to.deep.equal(['npm', 'test']);
  });

  it('is deeply frozen', () => {
    const request = ask();

    expect([request, request.labels, request.actions[0], request.decisions]).to.satisfy(
      (parts: readonly unknown[]) => parts.every((part) => Object.isFrozen(part)),
    );
  });

  it('is plain JSON for a user interface, without its signal', () => {
    const json = JSON.parse(JSON.stringify(ask())) as Record<string, unknown>;

    expect(json).to.include({ kind: 'command', workingDirectory: '/repo' });
    expect(json).to.not.have.property('signal');
    expect(json.decisions).to.deep.equal([
      'allow',
      'allowForSession',
      'allowAlwaysForAllThreads',
      'deny',
      'cancel',
      'pass',
    ]);
  });

  it('sends each decision in the form of codex-rs', () => {
    const request = ask();

    expect(request.allow().reply).to.deep.equal({ decision: 'accept' });
    expect(request.allowForSession().reply).to.deep.equal({ decision: 'acceptForSession' });
    expect(request.allowAlwaysForAllThreads().reply).to.deep.equal({
      decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['npm', 'test'] } },
    });
    expect(request.deny().reply).to.deep.equal({ decision: 'decline' });
    expect(request.cancel().reply).to.deep.equal({ decision: 'cancel' });
    expect(request.pass().reply).to.equal(undefined);
  });

  it('does not send the reason to codex-rs', () => {
    const decision = ask().deny('the canary reason');

    expect(decision).to.include({ verdict: 'deny', reason: 'the canary reason' });
    expect(JSON.stringify(decision.reply)).to.not.contain('canary');
  });

  it('cannot create a rule if codex-rs proposes none', () => {
    const request = ask({ proposedExecpolicyAmendment: null });

    expect(request.decisions).to.not.include('allowAlwaysForAllThreads');
    expect(() => request.allowAlwaysForAllThreads())
      .to.throw(CodexError, 'choose one of allow, allowForSession, deny')
      .with.property('code', 'decision-not-possible');
  });

  it('cannot create a rule if codex-rs proposes one without offering it', () => {
    expect(ask({ availableDecisions: ['accept', 'cancel'] }).decisions).to.not.include(
      'allowAlwaysForAllThreads',
    );
  });

  it('can only be denied if codex-rs does not offer acceptance', () => {
    const request = ask({ availableDecisions: ['cancel'] });

    expect(request.decisions).to.deep.equal(['deny', 'cancel', 'pass']);
    expect(() => request.allow())
      .to.throw(CodexError)
      .with.property('code', 'decision-not-possible');
  });

  it('cannot be allowed for the session if it concerns a host, unless codex-rs offers it', () => {
    const network = { networkApprovalContext: { host: 'x.test', protocol: 'https' as const } };

    expect(ask({ ...network, availableDecisions: ['accept', 'cancel'] }).decisions).to.not.include(
      'allowForSession',
    );
    expect(ask({ ...network, availableDecisions: ['acceptForSession'] }).decisions).to.include(
      'allowForSession',
    );
  });

  it('reads a request without kind and decisions', () => {
    const request = ask({ kind: undefined, availableDecisions: null } as never);

    expect(request.source).to.equal('command');
    expect(request.decisions).to.include.members(['allow', 'deny', 'cancel']);
  });
});
