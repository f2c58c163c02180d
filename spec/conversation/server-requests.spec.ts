import { expect } from 'chai';
import type { ApprovalHandler } from '../../lib/index.js';
import {
  AllowApprovals,
  AskApprovals,
  QueuedApprovals,
  telemetry,
  type ApprovalDecision,
  type ApprovalMessage,
  type ApprovalRequest,
  type Codex,
} from '../../lib/index.js';
import type { JsonValue, ServerRequests } from '../../lib/protocol/index.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { params } from '../approvals/server-requests.js';
import { failure } from '../failure.js';
import { FaultyCodex } from '../faulty-codex.js';
import { noProcessLeft } from '../root-hooks.js';

type Method = keyof ServerRequests;

/** What codex-rs is answered: without a handler, and by one that allows everything. Every method of the protocol is here. */
const answers: Readonly<Record<Method, readonly [declined: object, allowed: object]>> = {
  'item/commandExecution/requestApproval': [
    { result: { decision: 'decline' } },
    { result: { decision: 'accept' } },
  ],
  'item/fileChange/requestApproval': [
    { result: { decision: 'decline' } },
    { result: { decision: 'accept' } },
  ],
  'item/permissions/requestApproval': [
    { result: { permissions: {}, scope: 'turn' } },
    {
      result: {
        permissions: params['item/permissions/requestApproval'].permissions,
        scope: 'turn',
      },
    },
  ],
  'mcpServer/elicitation/request': same({
    result: { action: 'decline', content: null, _meta: null },
  }),
  'item/tool/requestUserInput': same({ result: { answers: {} } }),
  'item/tool/call': same({
    result: {
      contentItems: [{ type: 'inputText', text: 'This tool is not available.' }],
      success: false,
    },
  }),
  'account/chatgptAuthTokens/refresh': same({
    error: { code: -32000, message: 'This client holds no ChatGPT tokens.' },
  }),
  'attestation/generate': same({
    error: { code: -32000, message: 'This client makes no attestations.' },
  }),
  'currentTime/read': same({ result: { currentTimeAt: 'now' } }),
  applyPatchApproval: same({
    result: { decision: { denied: { rejection: 'The client declined.' } } },
  }),
  execCommandApproval: same({
    result: { decision: { denied: { rejection: 'The client declined.' } } },
  }),
};

function same(answer: object): readonly [object, object] {
  return [answer, answer];
}

const methods = Object.keys(answers) as Method[];
const command = 'item/commandExecution/requestApproval';

/** A turn in which codex-rs asks; the thread and the turn are those that run. */
function asking(
  method: string,
  options: { copies?: number; resolvedBy?: string } = {},
): FaultyTurn {
  if (method === 'item/fileChange/requestApproval')
    return new FaultyTurn().fileChange(
      [{ path: '/repo/a.txt', kind: { type: 'add' }, diff: 'hello\n' }],
      { approval: true },
    );
  const sample = method in params ? (params[method as Method] as object) : {};
  const rest = Object.fromEntries(
    Object.entries(sample as Record<string, JsonValue>).filter(
      ([name]) => name !== 'threadId' && name !== 'turnId',
    ),
  );
  return new FaultyTurn().requestAnything(method, rest, options).message('Done');
}

describe('What codex-rs asks the client', function () {
  this.timeout(20_000);
  let faulty: FaultyCodex;
  let codex: Codex;
  let reports: ApprovalMessage[] = [];
  let forget: () => void = () => undefined;

  before(async () => {
    faulty = await FaultyCodex.create();
    for (const method of [...methods, 'item/mind/read'])
      faulty.server.plays(asking(method), { times: 0, input: method });
    faulty.server
      .plays(asking(command, { copies: 3 }), { times: 0, input: 'thrice' })
      .plays(asking(command, { resolvedBy: 'elsewhere' }), { times: 0, input: 'elsewhere' });
    codex = faulty.client();
  });

  beforeEach(() => {
    reports = [];
    forget = telemetry.approval.subscribe((report) => reports.push(report));
  });

  afterEach(() => {
    forget();
  });

  after(async () => {
    await faulty[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** What a turn in which codex-rs asks is answered; a time is a time, whichever it is. */
  async function answersTo(input: string, approvals?: ApprovalHandler): Promise<object[]> {
    const before = faulty.server.received.length;
    const { status } = await codex.startThread().run(input, approvals ? { approvals } : {});
    expect(status).to.equal('completed');
    return faulty.server.received.slice(before).flatMap(({ message }): object[] => {
      if (message === null || message.method !== undefined) return [];
      if (message.error !== undefined) return [{ error: message.error }];
      const { currentTimeAt } = message.result as { currentTimeAt?: unknown };
      const isTime = typeof currentTimeAt === 'number';
      return [{ result: isTime ? { currentTimeAt: 'now' } : message.result }];
    });
  }

  for (const method of methods) {
    it(`is answered once, with a no: ${method} without a handler`, async () => {
      expect(await answersTo(method)).to.deep.equal([answers[method][0]]);
    });

    it(`is answered once: ${method} with a handler that allows everything`, async () => {
      expect(await answersTo(method, new AllowApprovals())).to.deep.equal([answers[method][1]]);
    });
  }

  for (const approvals of [undefined, new AllowApprovals()])
    it(`is refused when it does not exist yet, ${approvals ? 'with' : 'without'} a handler`, async () => {
      expect(await answersTo('item/mind/read', approvals)).to.deep.equal([
        { error: { code: -32601, message: 'Method not found: item/mind/read' } },
      ]);
      expect(reports[0]).to.include({ method: 'item/mind/read', decision: null });
    });

  it('reaches the handler once, however often it is sent', async () => {
    const asked: ApprovalRequest[] = [];
    const approvals = new AskApprovals((request) => {
      asked.push(request);
      return request.deny();
    });

    const given = await answersTo('thrice', approvals);

    expect(asked).to.have.length(1);
    expect(given).to.deep.equal([{ result: { decision: 'decline' } }]);
  });

  const failing: readonly (readonly [why: string, handler: () => ApprovalHandler])[] = [
    [
      'threw',
      () =>
        new AskApprovals(() => {
          throw new Error('broken');
        }),
    ],
    ['invalid', () => new AskApprovals(() => 'yes' as unknown as ApprovalDecision)],
    ['late', () => new AskApprovals(async () => new Promise(() => undefined), { timeoutMs: 1 })],
  ];
  for (const [why, handler] of failing)
    it(`is declined and told to telemetry when the handler fails: ${why}`, async () => {
      expect(await answersTo(command, handler())).to.deep.equal([
        { result: { decision: 'decline' } },
      ]);
      expect(reports).to.have.length(1);
      expect(reports[0]).to.include({ method: command, decision: 'deny', why });
    });

  // Their answers may come when the turn is over: so nothing counts answers after these.
  it('is withdrawn by its signal when somebody else has answered', async () => {
    const queue = new QueuedApprovals();
    const turn = codex.startThread().run('elsewhere', { approvals: queue });
    const { value } = await queue.arrivals().next();
    const aborted = new Promise((resolve) => {
      value?.request.signal.addEventListener('abort', resolve);
    });

    faulty.server.gate('elsewhere').open();
    await aborted;
    await turn;

    expect(queue.list()).to.be.empty;
    expect(reports).to.have.length(1);
    expect(reports[0]).to.include({ decision: 'deny', why: 'withdrawn' });
  });

  it('is withdrawn by its signal when the turn is interrupted', async () => {
    const queue = new QueuedApprovals();
    const turn = codex.startThread().runStreamed(command, { approvals: queue });
    const ended = failure(turn.result());
    const { value } = await queue.arrivals().next();

    await turn.interrupt();
    await ended;

    expect(value?.request.signal.aborted).to.equal(true);
    expect(queue.list()).to.be.empty;
    expect(reports[0]).to.include({ decision: 'deny', why: 'withdrawn' });
  });
});
