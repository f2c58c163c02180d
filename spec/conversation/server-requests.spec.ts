import { expect } from 'chai';
import type { ApprovalHandler } from '../../lib/index.js';
import {
  AllowApprovals,
  AskApprovals,
  QueuedApprovals,
  telemetry,
  type ApprovalDecision,
  type TelemetryMessages,
  type ApprovalRequest,
  type Codex,
} from '../../lib/index.js';
import type { ServerRequests } from '../../lib/protocol/index.js';
import type { JsonObject } from '../../lib/output/output-format.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { changes, params } from '../approvals/server-requests.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

type Method = keyof ServerRequests;

/**
 * The replies to codex-rs without a handler, and by a handler that allows everything, for every method of the
 * protocol.
 */
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
    error: { code: -32000, message: 'This client does not have ChatGPT tokens.' },
  }),
  'attestation/generate': same({
    error: { code: -32000, message: 'This client does not support attestations.' },
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
const unknownMethod = 'item/mind/read';
const command = 'item/commandExecution/requestApproval';

/** The outcome of a turn in which codex-rs sent every request. */
interface Hearing {
  readonly answers: Readonly<Record<string, object[]>>;
  readonly reports: readonly TelemetryMessages['approval'][];
}

/** The replies of the client so far, or those to one request, with equal times. */
function answersTo(transport: FaultyTransport, requestId?: string): object[] {
  return transport.received.flatMap(({ message: { id, method, result, error } }): object[] => {
    if (method !== undefined || (requestId ?? id) !== id) return [];
    if (error !== undefined) return [{ error }];
    const { currentTimeAt } = result as { currentTimeAt?: unknown };
    return [{ result: typeof currentTimeAt === 'number' ? { currentTimeAt: 'now' } : result }];
  });
}

describe('A request of codex-rs to the client', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let transport: FaultyTransport;
  let codex: Codex;
  let reports: TelemetryMessages['approval'][] = [];
  let forget: () => void = () => undefined;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Done'));
    transport = new FaultyTransport(offline.transport());
    codex = offline.client({ transport });
  });

  beforeEach(() => {
    transport.reset();
    reports = [];
    forget = telemetry.approval.subscribe((report) => reports.push(report));
  });

  afterEach(() => {
    forget();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** Runs a turn in which codex-rs sends every request at once; it ends once all have replies. */
  async function hearing(approvals?: ApprovalHandler): Promise<Hearing> {
    const heard: TelemetryMessages['approval'][] = [];
    const ignore = telemetry.approval.subscribe((report) => heard.push(report));
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('Done'));
    const curious = new FaultyTransport(offline.transport());
    curious
      .onMessage('turn/started', { when: 'after' })
      .notifyAnything('item/started', ({ threadId, turn }) => ({
        threadId,
        turnId: turn.id,
        item: { type: 'fileChange', id: 'call_1', changes, status: 'inProgress' },
        startedAtMs: 1,
      }));
    const asked = [...methods, unknownMethod];
    for (const method of asked)
      curious
        .onMessage('turn/started', { when: 'after' })
        .requestAnything(method, ({ threadId, turn }) => ({
          ...(method in params ? (params[method as Method] as JsonObject) : {}),
          threadId,
          turnId: turn.id,
        }));

    const turn = offline
      .client({ transport: curious })
      .startThread()
      .run('Go', approvals ? { approvals } : {});
    while (answersTo(curious).length < asked.length)
      await new Promise((resolve) => setImmediate(resolve));
    gate.open();

    expect((await turn).status).to.equal('completed');
    ignore();
    const given = asked.map((method, index) => [method, answersTo(curious, `faulty-${index + 1}`)]);
    return { answers: Object.fromEntries(given) as Hearing['answers'], reports: heard };
  }

  /** The answers to a command that needs approval, in a turn that completes. */
  async function answersToCommand(approvals: ApprovalHandler): Promise<object[]> {
    offline.model.reply(ScriptedReply.shellCommand('echo yes'));
    const { status } = await codex
      .startThread({ approvalPolicy: 'untrusted' })
      .run('Go', { approvals });
    expect(status).to.equal('completed');
    return answersTo(transport);
  }

  for (const handler of [null, new AllowApprovals()])
    describe(handler ? 'with a handler that allows everything' : 'without a handler', () => {
      let heard: Hearing;

      before(async () => {
        heard = await hearing(handler ?? undefined);
      });

      for (const method of methods)
        it(`is answered once${handler ? '' : ', with a refusal'}: ${method}`, () => {
          expect(heard.answers[method]).to.deep.equal([answers[method][handler ? 1 : 0]]);
        });

      it('is refused if its method is unknown', () => {
        expect(heard.answers[unknownMethod]).to.deep.equal([
          { error: { code: -32601, message: `Method not found: ${unknownMethod}` } },
        ]);
        const report = heard.reports.find(({ method }) => method === unknownMethod);
        expect(report).to.include({ decision: null });
      });
    });

  it('reaches the handler once, even if it is sent again', async () => {
    const asked: ApprovalRequest[] = [];
    const approvals = new AskApprovals((request) => {
      asked.push(request);
      return request.deny();
    });

    transport.onMessage(command).repeat().onMessage(command).repeat();
    const given = await answersToCommand(approvals);

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
    it(`is declined and reported to telemetry if the handler fails: ${why}`, async () => {
      expect(await answersToCommand(handler())).to.deep.equal([
        { result: { decision: 'decline' } },
      ]);
      expect(reports).to.have.length(1);
      expect(reports[0]).to.include({ method: command, decision: 'deny', why });
    });

  // Their replies may arrive after the turn ends, so no later check counts replies.
  it('is withdrawn by its signal if another client has answered', async () => {
    const [queue, gate, elsewhere] = [
      new QueuedApprovals(),
      new Gate(),
      new FaultyTransport(offline.transport()),
    ];
    const client = offline.client({ transport: elsewhere });
    offline.model.reply(ScriptedReply.gate(gate).message('Done'));
    elsewhere.onMessage('turn/started', { when: 'after' }).request(command, (begun) => ({
      ...params[command],
      threadId: begun.threadId,
      turnId: begun.turn.id,
    }));
    const turn = client.startThread().run('Go', { approvals: queue });
    const { value } = await queue.arrivals().next();
    const aborted = new Promise((resolve) => {
      value?.request.signal.addEventListener('abort', resolve);
    });

    const threadId = value?.request.threadId ?? '';
    elsewhere
      .on('model/list')
      .notify('serverRequest/resolved', { threadId, requestId: 'faulty-1' });
    await client.models();
    await aborted;
    gate.open();
    await turn;

    expect(queue.list()).to.be.empty;
    expect(reports).to.have.length(1);
    expect(reports[0]).to.include({ decision: 'deny', why: 'withdrawn' });
  });

  it('is withdrawn by its signal when the turn is interrupted', async () => {
    const queue = new QueuedApprovals();
    offline.model.reply(ScriptedReply.shellCommand('echo yes'));
    const turn = codex
      .startThread({ approvalPolicy: 'untrusted' })
      .runStreamed('Go', { approvals: queue });
    const ended = failure(turn.result());
    const { value } = await queue.arrivals().next();

    await turn.interrupt();
    await ended;

    expect(value?.request.signal.aborted).to.equal(true);
    expect(queue.list()).to.be.empty;
    expect(reports[0]).to.include({ decision: 'deny', why: 'withdrawn' });
  });
});
