import { expect } from 'chai';
import { WebSocketTransport, type Codex, type Thread } from '../../lib/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { noProcessLeft } from '../root-hooks.js';
import { settingsOf } from '../turn/settings-of.js';
import { ListeningCodex } from './listening-codex.js';
import type { UnreliableLine } from './unreliable-line.js';

describe('Settings for one turn on a server that others use too', function () {
  this.timeout(20_000);
  const other = {
    model: 'gpt-5',
    modelReasoningEffort: 'low',
    sandboxMode: 'danger-full-access',
    approvalPolicy: 'never',
  } as const;
  let server: ListeningCodex;
  let line: UnreliableLine;
  let transport: FaultyTransport;
  let codex: Codex;
  let plain: Record<string, unknown>;

  before(async () => {
    server = await ListeningCodex.start();
    server.model.otherwise(ScriptedReply.message('Yes'));
    line = await server.line();
    transport = new FaultyTransport(new WebSocketTransport({ url: line.url, token: server.token }));
    codex = server.client({ transport });
    plain = await ranWith(thread());
  });

  beforeEach(() => {
    transport.reset();
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function thread(): Thread {
    return codex.startThread({ model: 'gpt-5.5', workingDirectory: server.home.path });
  }

  async function ranWith(thread: Thread, options = {}): Promise<Record<string, unknown>> {
    await thread.run('next', { options });
    return settingsOf(server.model.requests.at(-1));
  }

  it('are restored at the end of the turn, so that another client finds the original ones', async () => {
    const ours = thread();
    await ours.run('first');
    const { threadId } = await ours.run('changed', { options: other });
    const elsewhere = server.client();

    const theirs = await elsewhere.resumeThread(threadId);

    expect(await ranWith(theirs)).to.deep.equal(plain);
    expect(await ranWith(ours)).to.deep.equal(plain);
    expect(transport.requests('thread/attachment/remove')).to.have.length(1);
  });

  it('are not mistaken for the original ones if the connection is lost during the turn', async () => {
    const ours = thread();
    await ours.run('first');
    const gate = new Gate();
    server.model.reply(ScriptedReply.gate(gate).message('Yes'));
    transport.on('thread/settings/update', { generation: transport.connections }).stall();
    const turn = ours.run('changed', { options: other });
    await gate.reached;
    line.cut();
    await transport.whenReceived('thread/resume');
    gate.open();
    await turn;

    expect(await ranWith(ours)).to.deep.equal(plain);
    expect(await ranWith(ours, other)).to.include({ model: 'gpt-5', effort: 'low' });
    expect(await ranWith(ours)).to.deep.equal(plain);
  });
});
