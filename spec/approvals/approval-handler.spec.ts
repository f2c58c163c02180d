import { expect } from 'chai';
import sinon from 'sinon';
import type { ApprovalDecision } from '../../lib/approvals/approval-decision.js';
import { ApprovalHandler } from '../../lib/approvals/approval-handler.js';
import { AllowApprovals } from '../../lib/approvals/allow-approvals.js';
import { AskApprovals } from '../../lib/approvals/ask-approvals.js';
import { DenyApprovals } from '../../lib/approvals/deny-approvals.js';
import type { CommandRequest } from '../../lib/approvals/command-request.js';
import { ValidationError } from '../../lib/errors.js';
import { asked, mcpToolCall, serverRequest } from './server-requests.js';

const command = () => asked('command', serverRequest('item/commandExecution/requestApproval'));
const requests = {
  command,
  fileChange: () => asked('fileChange', serverRequest('item/fileChange/requestApproval')),
  permissions: () => asked('permissions', serverRequest('item/permissions/requestApproval')),
  mcpToolCall: () =>
    asked('mcpToolCall', serverRequest('mcpServer/elicitation/request', mcpToolCall)),
  elicitation: () => asked('elicitation', serverRequest('mcpServer/elicitation/request')),
  userInput: () => asked('userInput', serverRequest('item/tool/requestUserInput')),
};

async function verdicts(handler: ApprovalHandler): Promise<Record<string, string>> {
  const decided = Object.entries(requests).map(
    async ([kind, request]) => [kind, (await handler.handle(request())).verdict] as const,
  );
  return Object.fromEntries(await Promise.all(decided));
}

const allDenied = {
  command: 'deny',
  fileChange: 'deny',
  permissions: 'deny',
  mcpToolCall: 'deny',
  elicitation: 'deny',
  userInput: 'deny',
};

describe('ApprovalHandler', () => {
  it('declines every kind that is not overridden', async () => {
    class CommandsOnly extends ApprovalHandler {
      protected override command(request: CommandRequest): ApprovalDecision {
        return request.allow();
      }
    }

    expect(await verdicts(new ApprovalHandler())).to.deep.equal(allDenied);
    expect(await verdicts(new CommandsOnly())).to.deep.equal({ ...allDenied, command: 'allow' });
  });

  it('can be stubbed, and supports its getters on a stub', async () => {
    const stub = sinon.createStubInstance(ApprovalHandler);
    stub.handle.callsFake(async (request) => Promise.resolve(request.deny('stubbed')));

    expect(stub.timeoutMs).to.equal(Infinity);
    expect((await stub.handle(command())).reason).to.equal('stubbed');
  });

  it('has no time limit by default', () => {
    expect(new ApprovalHandler().timeoutMs).to.equal(Infinity);
    expect(new ApprovalHandler({ timeoutMs: 50 }).timeoutMs).to.equal(50);
    expect(new ApprovalHandler({ timeoutMs: Infinity }).timeoutMs).to.equal(Infinity);
  });

  it('rejects a time limit that exceeds the range of timers', () => {
    const refuse = (timeoutMs: unknown) => () =>
      new ApprovalHandler({ timeoutMs: timeoutMs as number });

    expect(refuse(0)).to.throw(
      ValidationError,
      'timeoutMs: must be a number of milliseconds greater than 0',
    );
    expect(refuse(Number.NaN)).to.throw(ValidationError);
    expect(refuse(2 ** 31)).to.throw(ValidationError, 'at most 2147483647');
    expect(refuse('1000')).to.throw(ValidationError, 'got "1000"');
  });
});

describe('DenyApprovals', () => {
  it('declines everything', async () => {
    expect(await verdicts(new DenyApprovals())).to.deep.equal(allDenied);
  });
});

describe('AllowApprovals', () => {
  it('allows the actions of the agent once, and declines requests for text', async () => {
    expect(await verdicts(new AllowApprovals())).to.deep.equal({
      ...allDenied,
      command: 'allow',
      fileChange: 'allow',
      permissions: 'allow',
      mcpToolCall: 'allow',
    });
  });
});

describe('AskApprovals', () => {
  it('asks its function about every kind', async () => {
    const ask = sinon.spy((request: Parameters<ApprovalHandler['handle']>[0]) => request.pass());

    await verdicts(new AskApprovals(ask));

    expect(ask.args.map(([request]) => request.kind)).to.have.members(Object.keys(requests));
  });

  it('rejects with the error of its function', async () => {
    const failing = new AskApprovals(() => {
      throw new Error('no idea');
    });

    const failure = await failing.handle(command()).catch((error: unknown) => error);

    expect(failure).to.be.an('error').with.property('message', 'no idea');
  });

  it('cannot be constructed without a function', () => {
    expect(() => new AskApprovals(undefined as never)).to.throw(ValidationError, 'ask');
  });
});
