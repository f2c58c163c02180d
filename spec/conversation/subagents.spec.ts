import { expect } from 'chai';
import {
  DenyApprovals,
  AllowApprovals,
  telemetry,
  type ProblemMessage,
  type TurnEvent,
} from '../../lib/index.js';
import type { ServerNotifications } from '../../lib/protocol/index.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { FaultyCodex } from '../faulty-codex.js';
import { noProcessLeft } from '../root-hooks.js';

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

describe('A sub-agent that speaks before it is named', function () {
  this.timeout(15_000);
  let codex: FaultyCodex;
  let problems: ProblemMessage[];
  let forget: () => void;

  beforeEach(async () => {
    codex = await FaultyCodex.create();
    problems = [];
    forget = telemetry.problem.subscribe((problem) => problems.push(problem));
  });

  afterEach(async () => {
    forget();
    await codex[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function naming(turn: FaultyTurn): FaultyTurn {
    return turn.item({
      type: 'subAgentActivity',
      id: 'agent_1',
      kind: 'started',
      agentThreadId: child,
      agentPath: '/agents/child',
      model: null,
      reasoningEffort: null,
    });
  }

  async function subagentMethods(turn: FaultyTurn): Promise<string[]> {
    codex.server.plays(turn);
    const methods: string[] = [];
    for await (const event of codex.client().startThread().runStreamed('Go'))
      if (event.type === 'subagent.event') methods.push(event.method);
    return methods;
  }

  it('is heard from its first word, in order', async () => {
    const methods = await subagentMethods(
      naming(
        new FaultyTurn()
          .notify('thread/status/changed', { threadId: child, status })
          .notify('turn/started', begun(null))
          .notify('item/agentMessage/delta', said),
      ).notify('thread/status/changed', { threadId: child, status }),
    );

    expect(methods).to.deep.equal([
      'thread/status/changed',
      'turn/started',
      'item/agentMessage/delta',
      'thread/status/changed',
    ]);
    expect(problems).to.deep.equal([]);
  });

  it('is told apart from a thread that runs turns of its own, or was in the middle of one', async () => {
    const other = { ...said, threadId: '01a20000-0000-7000-8000-00000000000d' };
    const methods = await subagentMethods(
      naming(
        new FaultyTurn()
          .notify('turn/started', begun(childTurn))
          .notify('item/agentMessage/delta', said)
          .notify('item/agentMessage/delta', other),
      ),
    );

    expect(methods).to.deep.equal([]);
    expect(problems).to.deep.equal([]);
  });

  it('is reported as a problem when no item ever names it', async () => {
    const methods = await subagentMethods(new FaultyTurn().notify('turn/started', begun(null)));

    expect(methods).to.deep.equal([]);
    expect(problems).to.deep.equal([
      {
        threadId: child,
        during: 'sub-agents',
        message:
          'It ran a turn that no turn here is known to have started. Notifications dropped: 1.',
      },
    ]);
  });

  it('takes up no more than so much memory; what was not kept is reported', async () => {
    const flood = Array.from({ length: 510 }).reduce<FaultyTurn>(
      (turn) => turn.notifyAnything('warning', { threadId: child }),
      new FaultyTurn(),
    );

    const methods = await subagentMethods(naming(flood));

    expect(methods).to.have.length(500);
    expect(problems.map(({ message }) => message)).to.deep.equal([
      'Too much came of threads that were not known yet. Notifications dropped: 10.',
    ]);
  });

  it('has its approvals decided by the handler of the turn that started it', async () => {
    codex.server.plays(
      new FaultyTurn()
        .subAgent(new FaultyTurn().command('ls', { approval: true }).message('child'))
        .message('parent'),
    );
    const turn = codex
      .client({ approvals: new DenyApprovals() })
      .startThread()
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
});
