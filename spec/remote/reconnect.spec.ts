import { expect } from 'chai';
import {
  AllowApprovals,
  ApprovalHandler,
  Tool,
  TurnInterruptedError,
  TurnLostError,
  WebSocketTransport,
  telemetry,
  type ApprovalDecision,
  type Codex,
  type CommandRequest,
  type Thread,
  type Turn,
  type TurnEvent,
  type WebSocketOptionsRecord,
} from '../../lib/index.js';
import {
  FaultyTransport,
  Gate,
  ScriptedReply,
  type ScriptedRequest,
} from '../../lib/testing/index.js';
import { agents, agentsIn } from '../conversation/spawned-agents.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { ListeningCodex } from './listening-codex.js';
import type { UnreliableLine } from './unreliable-line.js';

describe('A connection that is lost during a turn', function () {
  this.timeout(30_000);
  let server: ListeningCodex;
  let line: UnreliableLine;
  let codex: Codex;

  before(async () => {
    server = await ListeningCodex.start();
    line = await server.line();
    codex = clientOver({});
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function clientOver(options: Partial<WebSocketOptionsRecord>): Codex {
    return server.client({
      transport: new WebSocketTransport({ url: line.url, token: server.token, ...options }),
    });
  }

  function thread(): Thread {
    return codex.startThread({ workingDirectory: server.home.path, sandboxMode: 'read-only' });
  }

  /** Reads a turn, acts at the first event of a type, and returns the events. */
  async function read(
    turn: Turn,
    at: TurnEvent['type'],
    disturb: (events: readonly TurnEvent[]) => unknown,
  ): Promise<TurnEvent[]> {
    const events: TurnEvent[] = [];
    let isDisturbed = false;
    for await (const event of turn) {
      events.push(event);
      if (event.type !== at || isDisturbed) continue;
      isDisturbed = true;
      await disturb(events);
    }
    return events;
  }

  it('is restored: the turn continues, and its text is complete', async () => {
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('A test ').gate(gate).deltas('fails.'));
    const turn = thread().runStreamed('Why is the build red?');
    const events = await read(turn, 'text.delta', () => {
      line.cut();
      gate.open();
    });
    const { finalResponse, usage } = await turn.result();
    expect(finalResponse).to.equal('A test fails.');
    expect(textIn(events)).to.equal('A test fails.');
    expect(usage?.totalTokens).to.be.greaterThan(0);
    const types = events.map(({ type }) => type);
    expect(types.filter((type) => type === 'connection.lost')).to.have.length(1);
    expect(types.indexOf('connection.restored')).to.be.greaterThan(
      types.indexOf('connection.lost'),
    );
    expect(types.filter((type) => type === 'turn.completed')).to.have.length(1);
  });

  it('is restored after the turn has ended: missed items come from the history', async () => {
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('A test ').gate(gate).deltas('fails.'));
    const turn = thread().runStreamed('Why is the build red?');
    const events = await read(turn, 'text.delta', async (events) => {
      line.down();
      gate.open();
      await untilIdle(server, events);
      line.up();
    });
    const { finalResponse, items } = await turn.result();
    expect(finalResponse).to.equal('A test fails.');
    expect(textIn(events)).to.equal('A test fails.');
    expect(items.map(({ type }) => type)).to.deep.equal(['userMessage', 'agentMessage']);
  });

  it('does not affect labels, tokens and the next turn', async () => {
    server.model.reply(ScriptedReply.message('First.'), ScriptedReply.message('Second.'));
    const labelled = codex.startThread({
      workingDirectory: server.home.path,
      labels: { team: 'payments' },
    });
    const turn = labelled.runStreamed('One');
    await read(turn, 'turn.started', () => {
      line.cut();
    });
    const { continuation } = await turn.result();
    const again = await codex.resumeThread(labelled.threadId ?? '', { continuation });
    expect(again.labels.toJSON()).to.deep.equal({ team: 'payments' });
    expect((await again.run('Two')).finalResponse).to.equal('Second.');
    expect(server.model.requests.at(-1)?.userTexts.join()).to.contain('One');
  });

  it('calls a handler once for a repeated request of codex-rs', async () => {
    const gate = new Gate();
    const asked: string[] = [];
    class Slow extends ApprovalHandler {
      protected override async command(request: CommandRequest): Promise<ApprovalDecision> {
        asked.push(request.itemId);
        line.cut();
        await gate.opened;
        return request.allow();
      }
    }
    server.model.reply(
      ScriptedReply.shellCommand('touch made-by-the-agent', { escalated: true }),
      ScriptedReply.message('Done.'),
    );
    const turn = codex
      .startThread({
        workingDirectory: server.home.path,
        sandboxMode: 'read-only',
        approvalPolicy: 'on-request',
      })
      .runStreamed('Make it', { approvals: new Slow() });
    const events = await read(turn, 'connection.restored', () => {
      gate.open();
    });
    expect((await turn.result()).finalResponse).to.equal('Done.');
    expect(asked).to.have.length(1);
    const requested = events.filter(({ type }) => type === 'approval.requested');
    expect(requested).to.have.length(1);
    const command = events.findLast(
      (event) => event.type === 'item.completed' && event.item.type === 'commandExecution',
    );
    expect(command).to.have.nested.property('item.status', 'completed');
  });

  it('is restored for subagents as well, including their approvals', async () => {
    const gate = new Gate();
    const isParent = ({ userTexts }: ScriptedRequest): boolean => userTexts.includes('Delegate');
    server.model
      .replyOnceWhen(
        isParent,
        ScriptedReply.functionCall('spawn_agent', { message: 'Look' }, agents),
      )
      .replyOnceWhen(isParent, ({ toolOutputs }) =>
        ScriptedReply.functionCall('wait_agent', { targets: agentsIn(toolOutputs) }, agents),
      )
      .replyOnceWhen(isParent, ScriptedReply.message('Done.'))
      .replyOnceWhen(
        (request) => !isParent(request),
        ScriptedReply.deltas('I look.').gate(gate).shellCommand('echo from the sub-agent'),
      )
      .replyOnceWhen((request) => !isParent(request), ScriptedReply.message('Seen.'));
    const turn = codex
      .startThread({
        workingDirectory: server.home.path,
        model: 'mock-model',
        approvalPolicy: 'untrusted',
      })
      .runStreamed('Delegate', { approvals: new AllowApprovals() });
    const isOfSubagent = (event: TurnEvent, method: string): boolean =>
      event.type === 'subagent.event' && event.method === method;
    const events: TurnEvent[] = [];
    for await (const event of turn) {
      events.push(event);
      if (gate.isOpen) continue;
      if (isOfSubagent(event, 'item/agentMessage/delta')) line.cut();
      if (event.type === 'connection.restored') gate.open();
    }
    expect(events.some((event) => isOfSubagent(event, 'turn/completed'))).to.equal(true);
    expect(
      events.flatMap((event) => (event.type === 'approval.resolved' ? [event.report] : [])),
    ).to.have.nested.property('[0].decision', 'allow');
    expect((await turn.result()).finalResponse).to.equal('Done.');
  });

  it('calls a tool once for a repeated request of codex-rs', async () => {
    let calls = 0;
    class Payments {
      @Tool({ description: 'Looks a payment up.' })
      lookUp(): string {
        calls += 1;
        line.cut();
        return 'paid';
      }
    }
    server.model.reply(
      ScriptedReply.functionCall('lookUp', {}),
      ScriptedReply.message('It is paid.'),
    );
    const paying = codex
      .thread()
      .withOptions({ workingDirectory: server.home.path })
      .withTools(new Payments())
      .build();
    expect((await paying.run('Is it paid?')).finalResponse).to.equal('It is paid.');
    expect(calls).to.equal(1);
    expect(JSON.stringify(server.model.requests.at(-1)?.body)).to.contain('paid');
  });

  it('ends as a lost turn if its server was killed, and the next turn runs on a new one', async () => {
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('A test ').gate(gate), ScriptedReply.message('On.'));
    const lost = thread();
    const turn = lost.runStreamed('Why is the build red?');
    const error = await read(turn, 'text.delta', async () => {
      await server.kill();
      await server.listen();
    }).catch((reason: unknown) => reason);
    expect(TurnLostError.is(error)).to.equal(true);
    gate.open();
    expect((await lost.run('Go on')).finalResponse).to.equal('On.');
  });

  it('ends as a lost turn with the items so far if it cannot be restored in time', async () => {
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('A test ').gate(gate));
    const shortly = clientOver({ reconnectMs: 300 });
    const turn = shortly
      .startThread({ workingDirectory: server.home.path })
      .runStreamed('Why is the build red?');
    const error = await read(turn, 'text.delta', () => {
      line.down();
    }).catch((reason: unknown) => reason);
    line.up();
    gate.open();
    if (!TurnLostError.is(error)) throw error;
    expect(error.items.map(({ type }) => type)).to.deep.equal(['userMessage']);
    expect(error.cause).to.have.property('code', 'connect-failed');
  });

  it('is not restored after the client is closed', async () => {
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('A test ').gate(gate));
    const closing = clientOver({});
    const turn = closing.startThread({ workingDirectory: server.home.path }).runStreamed('Why?');
    const events = failure(
      read(turn, 'text.delta', () => {
        line.down();
      }),
    );
    await failedStarts(4);
    const closed = closing.close();
    const error = await events;
    expect(error).to.be.instanceOf(TurnLostError);
    expect(error).to.have.nested.property('cause.code', 'closed');
    await closed;
    line.up();
    gate.open();
  });

  it('is restored for a stop, which then stops the turn', async () => {
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('A test ').gate(gate));
    const turn = thread().runStreamed('Why is the build red?');
    const events = await read(turn, 'text.delta', async () => {
      line.cut();
      const report = await turn.interrupt();
      expect(report).to.deep.equal({
        acknowledged: true,
        commandsEnded: 0,
        processRecycled: false,
      });
    });
    gate.open();
    expect(events.at(-1)?.type).to.equal('turn.interrupted');
    const error: unknown = await turn.result().catch((reason: unknown) => reason);
    expect(TurnInterruptedError.is(error)).to.equal(true);
  });

  it('recovers a turn whose acknowledgement was lost', async () => {
    const gate = new Gate();
    const transport = new FaultyTransport(
      new WebSocketTransport({ url: line.url, token: server.token }),
    )
      .on('turn/start')
      .delayReplyUntil(gate)
      .onMessage('turn/started')
      .drop()
      .onMessage('item/started')
      .drop()
      .onMessage('item/completed')
      .drop();
    server.model.reply(() => {
      transport.reset();
      line.cut();
      return ScriptedReply.message('A test fails.');
    });
    const cut = server.client({ transport });
    const { finalResponse } = await cut
      .startThread({ workingDirectory: server.home.path })
      .run('Why is the build red?');
    gate.open();
    expect(finalResponse).to.equal('A test fails.');
    expect(server.model.requests.filter(({ userTexts }) => userTexts.length > 0)).not.to.equal([]);
    expect(transport.requests('turn/start')).to.have.length(0);
  });

  it('is detected without a close from either side', async () => {
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('A test ').gate(gate).deltas('fails.'));
    const quick = clientOver({ pingIntervalMs: 200 });
    const turn = quick
      .startThread({ workingDirectory: server.home.path })
      .runStreamed('Why is the build red?');
    const events = await read(turn, 'text.delta', () => {
      line.hold();
      gate.open();
      setTimeout(() => {
        line.cut();
        line.release();
      }, 2000);
    });
    expect(textIn(events)).to.equal('A test fails.');
  });
});

function textIn(events: readonly TurnEvent[]): string {
  const texts = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'text.delta')
      texts.set(event.itemId, (texts.get(event.itemId) ?? '') + event.text);
    if (event.type === 'text.replaced') texts.set(event.itemId, event.text);
  }
  return [...texts.values()].join('');
}

/** Waits, over another connection, until the turn has ended. */
async function untilIdle(server: ListeningCodex, events: readonly TurnEvent[]): Promise<void> {
  const other = server.client();
  const [threadId = ''] = events.flatMap((event) =>
    event.type === 'thread.started' ? [event.threadId] : [],
  );
  for (;;) {
    const { thread } = await other.request('thread/read', { threadId });
    if (thread.status.type !== 'active') return;
  }
}

/** Waits for this number of failed starts from now on. */
async function failedStarts(count: number): Promise<void> {
  let left = count;
  await new Promise<void>((resolve) => {
    const forget = telemetry.process.subscribe(({ event }) => {
      if (event !== 'start-failed') return;
      left -= 1;
      if (left > 0) return;
      forget();
      resolve();
    });
  });
}
