import { expect } from 'chai';
import {
  DenyApprovals,
  AllowApprovals,
  QueuedApprovals,
  telemetry,
  type Codex,
  type TelemetryMessages,
  type TurnEvent,
} from '../../lib/index.js';
import type { ServerNotifications } from '../../lib/protocol/index.js';
import { FaultyTransport, ScriptedReply, type InjectedParams } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { agents, agentsIn, spawnOne } from './spawned-agents.js';

const child = '01a20000-0000-7000-8000-00000000000c';
const childTurn = '01a20000-0000-7000-8000-00000000001c';
const status = { type: 'idle' } as const;

function begun(rootTurnId: string | null): ServerNotifications['turn/started'] {
  const ended = { error: null, startedAt: 1, completedAt: null, durationMs: null };
  return {
    threadId: child,
    turn: {
      id: childTurn,
      rootTurnId,
      items: [],
      itemsView: 'notLoaded',
      status: 'inProgress',
      ...ended,
    },
  };
}

const said = { threadId: child, turnId: childTurn, itemId: 'msg_c', delta: 'child' };

describe('A sub-agent that sends events before it is announced', function () {
  this.timeout(15_000);
  let offline: OfflineCodex;
  let transport: FaultyTransport;
  let codex: Codex;
  let problems: TelemetryMessages['problem'][];
  let forget: () => void;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Done'));
    transport = new FaultyTransport(offline.transport());
    codex = offline.client({ transport });
  });

  beforeEach(() => {
    transport.reset();
    problems = [];
    forget = telemetry.problem.subscribe((problem) => problems.push(problem));
  });

  afterEach(() => {
    forget();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** Sends a message during the turn. */
  function say<M extends keyof ServerNotifications>(
    method: M,
    params: InjectedParams<ServerNotifications[M], ServerNotifications['item/started']>,
  ): void {
    transport.onMessage('item/started', { nth: 2 }).notify(method, params);
  }

  function name(): void {
    const item = {
      type: 'subAgentActivity',
      id: 'agent_1',
      kind: 'started',
      agentThreadId: child,
      agentPath: '/agents/child',
      model: null,
      reasoningEffort: null,
    } as const;
    say('item/started', (at) => ({ ...at, item }));
    say('item/completed', ({ threadId, turnId }) => ({
      threadId,
      turnId,
      item,
      contentTokenCount: null,
      completedAtMs: 1,
    }));
  }

  async function subagentMethods(): Promise<string[]> {
    const methods: string[] = [];
    for await (const event of codex.startThread().runStreamed('Go'))
      if (event.type === 'subagent.event') methods.push(event.method);
    return methods;
  }

  it('is reported from its first event, in order', async () => {
    say('thread/status/changed', { threadId: child, status });
    say('turn/started', begun(null));
    say('item/agentMessage/delta', said);
    name();
    say('thread/status/changed', { threadId: child, status });

    const methods = await subagentMethods();

    expect(methods).to.deep.equal([
      'thread/status/changed',
      'turn/started',
      'item/agentMessage/delta',
      'thread/status/changed',
    ]);
    expect(problems).to.deep.equal([]);
  });

  it('is distinguished from a thread with its own turns, even during one', async () => {
    say('turn/started', begun(childTurn));
    say('item/agentMessage/delta', said);
    say('item/agentMessage/delta', {
      ...said,
      threadId: '01a20000-0000-7000-8000-00000000000d',
    });
    name();

    const methods = await subagentMethods();

    expect(methods).to.deep.equal([]);
    expect(problems).to.deep.equal([]);
  });

  it('is reported as a problem if no item ever announces it', async () => {
    say('turn/started', begun(null));

    const methods = await subagentMethods();

    expect(methods).to.deep.equal([]);
    expect(problems).to.deep.equal([
      {
        threadId: child,
        during: 'sub-agents',
        message:
          'The thread ran a turn that was not started by a known turn. Dropped notifications: 1.',
      },
    ]);
  });

  it('uses limited memory, and dropped events are reported', async () => {
    for (let flood = 0; flood < 510; flood += 1)
      say('warning', { threadId: child, message: 'Again.' });
    name();

    const methods = await subagentMethods();

    expect(methods).to.have.length(500);
    expect(problems.map(({ message }) => message)).to.deep.equal([
      'Too many notifications of unknown threads arrived. Dropped notifications: 10.',
    ]);
  });

  it('has its approvals decided by the handler of the turn that started it', async () => {
    const isParent = (texts: readonly string[]): boolean => texts.includes('Go');
    offline.model
      .replyOnceWhen(
        ({ userTexts }) => isParent(userTexts),
        ScriptedReply.functionCall('spawn_agent', { message: 'child' }, agents),
      )
      .replyOnceWhen(
        ({ userTexts }) => isParent(userTexts),
        ({ toolOutputs }) =>
          ScriptedReply.functionCall('wait_agent', { targets: agentsIn(toolOutputs) }, agents),
      )
      .replyOnceWhen(
        ({ userTexts }) => !isParent(userTexts),
        ScriptedReply.shellCommand('echo child'),
      );
    const turn = offline
      .client({ approvals: new DenyApprovals() })
      .startThread({ model: 'mock-model', approvalPolicy: 'untrusted' })
      .runStreamed('Go', { approvals: new AllowApprovals() });
    const events: TurnEvent[] = [];

    for await (const event of turn) events.push(event);

    expect(events.flatMap((event) => (event.type === 'approval.resolved' ? [event.report] : [])))
      .to.have.length(1)
      .and.to.have.nested.property('[0].decision', 'allow');
    expect(
      events.flatMap((event) => (event.type === 'subagent.event' ? [event.method] : [])),
    ).to.include.members(['turn/started', 'item/completed', 'turn/completed']);
  });

  it('requests approval for its parent thread, and is answered by JSON', async () => {
    const approvals = new QueuedApprovals();
    const thread = offline
      .client({ approvals })
      .startThread({ model: 'mock-model', approvalPolicy: 'untrusted' });
    const threadId = await thread.open();
    spawnOne(offline.model, ScriptedReply.shellCommand('echo child'));
    const turn = thread.runStreamed('Go');
    const ended = (async () => {
      for await (const event of turn) if (event.type === 'approval.resolved') return [event.report];
      return [];
    })();

    for await (const { id, request } of approvals.arrivals({ threadId })) {
      expect(request).to.include({ kind: 'command', rootThreadId: threadId });
      expect(request.threadId).to.not.equal(threadId);
      expect(approvals.pending({ threadId })).to.have.length(1);
      approvals.decide(
        id,
        JSON.parse('{"decision":"deny","reason":"by Ann"}') as Record<string, unknown>,
      );
      break;
    }

    expect((await ended)[0]).to.include({ decision: 'deny', reason: 'by Ann', why: 'handler' });
  });
});
