import { expect } from 'chai';
import sinon, { type SinonFakeTimers } from 'sinon';
import { AllowApprovals } from '../../lib/approvals/allow-approvals.js';
import {
  ApprovalDispatcher,
  type ApprovalObserver,
} from '../../lib/approvals/approval-dispatcher.js';
import { ApprovalHandler } from '../../lib/approvals/approval-handler.js';
import type { ApprovalReport } from '../../lib/approvals/approval-report.js';
import type { ApprovalRequest } from '../../lib/approvals/approval-request.js';
import { AskApprovals } from '../../lib/approvals/ask-approvals.js';
import { FirstMatch } from '../../lib/approvals/first-match.js';
import { QueuedApprovals } from '../../lib/approvals/queued-approvals.js';
import { decliningReply } from '../../lib/wire/declining-replies.js';
import type {
  ServerNotification,
  ServerRequest,
  ServerRequests,
} from '../../lib/protocol/index.js';
import { fakeTime } from '../fake-time.js';
import {
  changes,
  mcpToolCall,
  params,
  serverRequest,
  threadId,
  turnId,
} from './server-requests.js';

const commandMethod = 'item/commandExecution/requestApproval';
const command = serverRequest(commandMethod);

/** A dispatcher, its reports, and its reply to a request. */
function dispatcher(observer: ApprovalObserver = {}): {
  readonly reports: ApprovalReport[];
  readonly dispatcher: ApprovalDispatcher;
  readonly answer: (
    request: ServerRequest,
    handler: ApprovalHandler | null,
    signal?: AbortSignal,
  ) => Promise<object | undefined>;
} {
  const reports: ApprovalReport[] = [];
  const made = new ApprovalDispatcher({
    resolved: (report) => {
      reports.push(report);
    },
    ...observer,
  });
  return {
    reports,
    dispatcher: made,
    answer: async (request, handler, signal = new AbortController().signal) =>
      made.answer(request, { handler, signal, labels: { team: 'payments' } }),
  };
}

function startFileChange(made: ApprovalDispatcher): void {
  const item = { type: 'fileChange', id: 'call_1', changes, status: 'inProgress' };
  made.observe({
    method: 'item/started',
    params: { threadId, turnId, item },
  } as ServerNotification);
}

/** The replies of a client that allows everything, for every request. */
const whenAllowed: { readonly [M in keyof ServerRequests]: object | undefined } = {
  'item/commandExecution/requestApproval': { decision: 'accept' },
  'item/fileChange/requestApproval': { decision: 'accept' },
  'item/permissions/requestApproval': {
    permissions: params['item/permissions/requestApproval'].permissions,
    scope: 'turn',
  },
  'mcpServer/elicitation/request': { action: 'decline', content: null, _meta: null },
  'item/tool/requestUserInput': { answers: {} },
  'item/tool/call': undefined,
  'account/chatgptAuthTokens/refresh': undefined,
  'attestation/generate': undefined,
  'currentTime/read': undefined,
  applyPatchApproval: undefined,
  execCommandApproval: undefined,
};

describe('ApprovalDispatcher', () => {
  for (const [method, expected] of Object.entries(whenAllowed) as [
    keyof ServerRequests,
    object | undefined,
  ][]) {
    it(`replies to ${method} as the handler decides, if it is an approval`, async () => {
      const { dispatcher: made, reports, answer } = dispatcher();
      startFileChange(made);

      const result = await answer(serverRequest(method), new AllowApprovals());

      expect(result).to.deep.equal(expected);
      expect(reports).to.have.length(1);
      expect(reports[0]?.why).to.equal(expected === undefined ? 'unsupported' : 'handler');
    });

    it(`grants nothing for ${method} without a handler`, async () => {
      const { dispatcher: made, reports, answer } = dispatcher();
      startFileChange(made);

      const result = await answer(serverRequest(method), null);

      expect(result).to.equal(undefined);
      expect(reports[0]?.why).to.equal(expected === undefined ? 'unsupported' : 'no-handler');
    });
  }

  it('replies to an unknown method with the reply that grants nothing', async () => {
    const { reports, answer } = dispatcher();
    const unknown = { id: 1, method: 'item/mind/read', params: {} } as unknown as ServerRequest;

    expect(await answer(unknown, new AllowApprovals())).to.equal(undefined);
    expect(reports[0]).to.include({ method: 'item/mind/read', why: 'unsupported', decision: null });
    expect(decliningReply(unknown)).to.have.property('error');
  });

  for (const method of [
    commandMethod,
    'item/fileChange/requestApproval',
    'item/permissions/requestApproval',
    'mcpServer/elicitation/request',
    'item/tool/requestUserInput',
  ] as const)
    it(`sends the same reply for ${method} if a handler denies as without a handler`, async () => {
      const { dispatcher: made, answer } = dispatcher();
      startFileChange(made);

      const result = await answer(serverRequest(method), new ApprovalHandler());

      expect({ result }).to.deep.equal(decliningReply({ method }));
    });

  it('distinguishes the call of an MCP tool from other elicitations', async () => {
    const seen: string[] = [];
    const { answer } = dispatcher({ requested: ({ kind }) => seen.push(kind) });

    await answer(serverRequest('mcpServer/elicitation/request', mcpToolCall), new AllowApprovals());
    await answer(serverRequest('mcpServer/elicitation/request'), new AllowApprovals());

    expect(seen).to.deep.equal(['mcpToolCall', 'elicitation']);
  });

  it('passes a file change with its diff to the handler', async () => {
    const seen: ApprovalRequest[] = [];
    const { dispatcher: made, answer } = dispatcher({ requested: (request) => seen.push(request) });
    startFileChange(made);

    await answer(serverRequest('item/fileChange/requestApproval'), new AllowApprovals());

    expect(seen[0]).to.have.property('changes').that.deep.equals(changes);
  });

  it('declines a file change without a known diff, without asking the handler', async () => {
    const handler = sinon.createStubInstance(ApprovalHandler);
    const { reports, answer } = dispatcher();

    expect(await answer(serverRequest('item/fileChange/requestApproval'), handler)).to.equal(
      undefined,
    );
    expect(handler.handle.called).to.equal(false);
    expect(reports[0]).to.include({ why: 'unreadable', decision: 'deny', itemId: 'call_1' });
  });

  it('declines a request without its parameters, without asking the handler', async () => {
    const handler = sinon.createStubInstance(ApprovalHandler);
    const { reports, answer } = dispatcher();

    await answer({ id: 1, method: commandMethod } as ServerRequest, handler);

    expect(handler.handle.called).to.equal(false);
    expect(reports[0]).to.include({ why: 'unreadable', kind: null, threadId: null });
  });

  it('reports the kind, the decision and its origin, without the content', async () => {
    const { reports, answer } = dispatcher();

    await answer(command, new AskApprovals((request) => request.deny('not on a Friday')));

    expect(reports).to.have.length(1);
    expect(reports[0]).to.include({
      method: commandMethod,
      kind: 'command',
      threadId,
      turnId,
      itemId: 'call_1',
      decision: 'deny',
      reason: 'not on a Friday',
      why: 'handler',
      error: undefined,
    });
    expect(reports[0]?.waitedMs).to.be.at.least(0);
    expect(JSON.stringify(reports)).to.not.contain('npm');
  });

  it('declines if every handler passes', async () => {
    const { reports, answer } = dispatcher();

    expect(await answer(command, new FirstMatch([]))).to.equal(undefined);
    expect(reports[0]).to.include({ decision: 'pass', why: 'handler' });
  });

  it('declines if the handler throws, synchronously or later', async () => {
    const { reports, answer } = dispatcher();
    const error = new Error('no idea');
    const throwing = sinon.createStubInstance(ApprovalHandler);
    throwing.handle.throws(error);
    const rejecting = sinon.createStubInstance(ApprovalHandler);
    rejecting.handle.rejects(error);

    expect(await answer(command, throwing)).to.equal(undefined);
    expect(await answer(command, rejecting)).to.equal(undefined);
    expect(reports.map(({ why }) => why)).to.deep.equal(['threw', 'threw']);
    expect(reports.map((report) => report.error)).to.deep.equal([error, error]);
  });

  it('declines if the handler returns no decision', async () => {
    const { reports, answer } = dispatcher();

    expect(await answer(command, sinon.createStubInstance(ApprovalHandler))).to.equal(undefined);
    await answer(command, new AskApprovals(() => ({ verdict: 'allow' }) as never));
    await answer(command, new AskApprovals(() => true as never));

    expect(reports.map(({ why, decision }) => `${why} ${decision ?? ''}`)).to.deep.equal([
      'invalid deny',
      'invalid deny',
      'invalid deny',
    ]);
  });

  it('declines if the decision belongs to another request', async () => {
    const seen: ApprovalRequest[] = [];
    const { reports, answer } = dispatcher({ requested: (request) => seen.push(request) });
    await answer(command, new AllowApprovals());
    const earlier = seen[0]!;

    const reuse = new AskApprovals(() =>
      earlier.kind === 'command' ? earlier.allow() : earlier.deny(),
    );

    expect(await answer(command, reuse)).to.equal(undefined);
    expect(reports[1]).to.include({ why: 'invalid', decision: 'deny' });
  });

  it('does not wait for a handler that ignores the end of the turn', async () => {
    const turn = new AbortController();
    const { reports, answer } = dispatcher();
    const result = answer(
      command,
      new AskApprovals(async () => new Promise(() => undefined)),
      turn.signal,
    );

    turn.abort(new Error('The turn is over.'));

    expect(await result).to.equal(undefined);
    expect(reports[0]).to.include({ why: 'withdrawn', error: turn.signal.reason as unknown });
  });

  it('ignores a decision after the end of the turn', async () => {
    const turn = new AbortController();
    const { reports, answer } = dispatcher();
    const late = new AskApprovals((request) => {
      turn.abort(new Error('The turn is over.'));
      return request.kind === 'command' ? request.allow() : request.deny();
    });

    expect(await answer(command, late, turn.signal)).to.equal(undefined);
    expect(reports[0]?.why).to.equal('withdrawn');
  });

  it('works despite an observer that throws', async () => {
    const { answer } = dispatcher({
      requested: () => {
        throw new Error('broken');
      },
      resolved: () => {
        throw new Error('broken');
      },
    });

    expect(await answer(command, new AllowApprovals())).to.deep.equal({ decision: 'accept' });
  });

  describe('with a time limit', () => {
    let clock: SinonFakeTimers;
    beforeEach(() => {
      clock = fakeTime('setTimeout', 'clearTimeout');
    });
    afterEach(() => {
      clock.restore();
    });

    it('declines when the time limit passes, and aborts the signal of the handler', async () => {
      const seen: ApprovalRequest[] = [];
      const { reports, answer } = dispatcher({ requested: (request) => seen.push(request) });
      const slow = new AskApprovals(async () => new Promise(() => undefined), { timeoutMs: 1000 });

      const result = answer(command, slow);
      await clock.tickAsync(999);
      expect(seen[0]?.signal.aborted).to.equal(false);
      await clock.tickAsync(1);

      expect(await result).to.equal(undefined);
      expect(reports[0]).to.include({ why: 'late', decision: 'deny' });
      expect(reports[0]?.error).to.be.an('error').with.property('message').that.contains('1000 ms');
      expect(seen[0]?.signal.aborted).to.equal(true);
    });

    it('applies the time limit of a handler inside a FirstMatch, and asks no later handler', async () => {
      const { reports, answer } = dispatcher();
      const queue = new QueuedApprovals({ timeoutMs: 1000 });

      const result = answer(command, new FirstMatch([queue, new AllowApprovals()]));
      await clock.tickAsync(1000);

      expect(await result).to.equal(undefined);
      expect(reports[0]?.why).to.equal('late');
      expect(queue.list()).to.deep.equal([]);
    });

    it('leaves no timer after a decision in time', async () => {
      const { answer } = dispatcher();

      await answer(command, new AskApprovals((request) => request.deny(), { timeoutMs: 1000 }));

      expect(clock.countTimers()).to.equal(0);
    });
  });
});
