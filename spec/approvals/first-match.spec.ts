import { expect } from 'chai';
import sinon from 'sinon';
import { ApprovalHandler } from '../../lib/approvals/approval-handler.js';
import { AskApprovals } from '../../lib/approvals/ask-approvals.js';
import { FirstMatch } from '../../lib/approvals/first-match.js';
import { ValidationError } from '../../lib/errors.js';
import { asked, serverRequest } from './server-requests.js';

const command = (signal?: AbortSignal) =>
  asked('command', serverRequest('item/commandExecution/requestApproval'), signal);
const passing = new AskApprovals((request) => request.pass());

describe('FirstMatch', () => {
  it('returns the first decision that is not a pass, and asks no later handler', async () => {
    const last = sinon.createStubInstance(ApprovalHandler);
    const first = new AskApprovals((request) => request.deny('first'));

    const decision = await new FirstMatch([passing, first, last]).handle(command());

    expect(decision.reason).to.equal('first');
    expect(last.handle.called).to.equal(false);
  });

  it('passes if all handlers pass, and without handlers', async () => {
    const nested = new FirstMatch([passing, new FirstMatch([passing])]);

    expect((await nested.handle(command())).verdict).to.equal('pass');
    expect((await new FirstMatch([]).handle(command())).verdict).to.equal('pass');
  });

  it('asks no later handler if a handler fails', async () => {
    const last = sinon.createStubInstance(ApprovalHandler);
    const failing = new AskApprovals(() => {
      throw new Error('no idea');
    });

    const failure = await new FirstMatch([failing, last])
      .handle(command())
      .catch((error: unknown) => error);

    expect(failure).to.be.an('error').with.property('message', 'no idea');
    expect(last.handle.called).to.equal(false);
  });

  it('asks no later handler if a handler returns no decision', async () => {
    const last = sinon.createStubInstance(ApprovalHandler);
    const silent = new AskApprovals(() => undefined as never);

    expect(await new FirstMatch([silent, last]).handle(command())).to.equal(undefined);
    expect(last.handle.called).to.equal(false);
  });

  it('asks no later handler once the decision is obsolete', async () => {
    const turn = new AbortController();
    const last = sinon.createStubInstance(ApprovalHandler);
    const slow = new AskApprovals((request) => {
      turn.abort(new Error('The turn is over.'));
      return request.pass();
    });

    const failure = await new FirstMatch([slow, last])
      .handle(command(turn.signal))
      .catch((error: unknown) => error);

    expect(failure).to.equal(turn.signal.reason);
    expect(last.handle.called).to.equal(false);
  });

  it('rejects an entry that is not a handler', () => {
    expect(() => new FirstMatch([passing, {} as never])).to.throw(ValidationError, '[1]');
  });
});
