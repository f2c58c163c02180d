import { expect } from 'chai';
import { TurnBudgetError, type Codex, type Thread, type TurnEvent } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { spawnOne } from '../conversation/spawned-agents.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const spent = { inputTokens: 90, outputTokens: 10 };
const done = ScriptedReply.message('Done').usage(spent);
const step = ScriptedReply.shellCommand('true').usage(spent);

describe('The budget of a turn', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
    offline.model.otherwise(step);
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const start = (): Thread =>
    codex.startThread({ model: 'mock-model', sandboxMode: 'danger-full-access' });

  async function overspent(running: Promise<unknown>): Promise<TurnBudgetError> {
    const error = await failure(running);
    if (!TurnBudgetError.is(error)) throw error as Error;
    return error;
  }

  it('stops the turn after the request that exceeds it, and the thread continues from there', async () => {
    const thread = start();

    const error = await overspent(thread.run('Loop', { budget: { totalTokens: 150 } }));

    expect(error).to.include({
      code: 'turn-budget',
      retryable: false,
      budget: 'totalTokens',
      limit: 150,
      spent: 200,
      status: 'interrupted',
      threadId: thread.threadId,
    });
    expect(error.message).to.contain('The turn and its sub-agents spent 200 of 150 totalTokens');
    expect(error.usage?.totalTokens).to.be.within(200, 300);
    expect(error.items.map(({ type }) => type)).to.include('commandExecution');

    const again = await codex.resumeThread(error.threadId, { continuation: error.continuation });
    offline.model.reply(done);
    expect((await again.run('Go on', { budget: { totalTokens: 150 } })).finalResponse).to.equal(
      'Done',
    );
  });

  it('can limit the output alone, and ends the loop of a streamed turn with the error', async () => {
    const turn = start().runStreamed('Loop', { budget: { outputTokens: 15, totalTokens: 1000 } });
    const events: TurnEvent[] = [];

    const error = await overspent(
      (async () => {
        for await (const event of turn) events.push(event);
      })(),
    );

    expect(error).to.include({ budget: 'outputTokens', limit: 15, spent: 20 });
    expect(events.map(({ type }) => type)).to.include('turn.interrupted');
    expect(turn.status).to.equal('interrupted');
    expect(await failure(turn.result())).to.equal(error);
  });

  it('rejects with the answer if the last request exceeds it', async () => {
    offline.model.reply(done);

    const error = await overspent(start().run('Go', { budget: { totalTokens: 99 } }));

    // The interrupt may still reach the turn.
    expect(error.status).to.be.oneOf(['completed', 'interrupted']);
    expect(error.spent).to.equal(100);
    expect(error.items.at(-1)).to.include({ type: 'agentMessage', text: 'Done' });
  });

  it('allows a turn that spends exactly the limit, and counts each turn separately', async () => {
    const thread = start();
    offline.model.reply(done, done);

    for (const input of ['One', 'Two'])
      expect(await thread.run(input, { budget: { totalTokens: 100, outputTokens: 10 } }))
        .to.have.property('usage')
        .that.includes({ totalTokens: 100 });
  });

  it('counts the sub-agents, and stops them', async () => {
    const ended: string[] = [];
    spawnOne(offline.model, step, spent);
    const turn = start().runStreamed('Go', { budget: { totalTokens: 350 } });

    const error = await overspent(
      (async () => {
        for await (const event of turn)
          if (event.type === 'subagent.event' && event.method === 'turn/completed')
            ended.push(JSON.stringify(event.params));
      })(),
    );

    expect(error.spent).to.be.within(351, 450);
    expect(error.usage?.totalTokens).to.be.lessThan(350);
    expect(Object.values(error.subagentUsage)[0]?.totalTokens).to.be.at.least(200);
    expect(ended).to.have.length(1).and.to.have.property('0').that.contains('"interrupted"');
  });
});

describe('The context window of a thread', function () {
  this.timeout(20_000);

  it('is null at first, then has the size of the last request, even after a resume', async () => {
    await using offline = await OfflineCodex.start();
    const thread = offline.client().startThread({ model: 'mock-model' });
    offline.model.reply(done);
    const before = thread.contextWindow;

    const { continuation, threadId } = await thread.run('Go');

    expect(before).to.equal(null);
    expect(thread.contextWindow).to.deep.equal({
      used: 100,
      size: 258_400,
      fraction: 100 / 258_400,
    });
    await thread.release();
    const again = await offline.client().resumeThread(threadId, { continuation });
    await again.open();
    expect(again.contextWindow).to.deep.equal(thread.contextWindow);
    offline.model.reply(ScriptedReply.compaction('A turn.'));
    await again.compact();
    expect(again.contextWindow?.used).to.be.a('number').and.not.equal(100);
  });
});
