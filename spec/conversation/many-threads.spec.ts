import { expect } from 'chai';
import type { TurnEvent } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { scaled } from '../scale.js';
import { agents, agentsIn } from './spawned-agents.js';

describe('Many threads at once', function () {
  this.timeout(90_000);
  const [threads, clients] = [scaled(50, 20), scaled(24, 8)];
  let offline: OfflineCodex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.deltas('Answer to ', userTexts.at(-1) ?? '').usage({
        inputTokens: 10,
        outputTokens: 5,
      }),
    );
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it(`run in one process, ${threads} of them, with every event at its own thread`, async () => {
    const codex = offline.client();

    const all = await Promise.all(
      Array.from({ length: threads }, async (_, index) => {
        const turn = codex.startThread().runStreamed(`question ${index}`);
        const texts: string[] = [];
        for await (const event of turn) if (event.type === 'text.delta') texts.push(event.text);
        return { text: texts.join(''), result: await turn.result() };
      }),
    );

    expect(all.map(({ text }) => text)).to.deep.equal(
      all.map((_, index) => `Answer to question ${index}`),
    );
    expect(all.every(({ text, result }) => result.finalResponse === text)).to.equal(true);
    expect(new Set(all.map(({ result }) => result.usage?.totalTokens))).to.deep.equal(
      new Set([15]),
    );
    expect(new Set(all.map(({ result }) => result.threadId)).size).to.equal(threads);
    expect((await codex.serverInfo()).generation).to.equal(1);
  });

  it('separate a turn from the sub-agents it starts', async () => {
    const isParent = (texts: readonly string[]): boolean => texts.includes('go');
    offline.model
      .replyOnceWhen(
        ({ userTexts, toolOutputs }) => isParent(userTexts) && toolOutputs.length === 0,
        ScriptedReply.functionCall('spawn_agent', { message: 'child task' }, agents).usage({
          inputTokens: 10,
          outputTokens: 5,
        }),
      )
      .replyOnceWhen(
        ({ userTexts, toolOutputs }) => isParent(userTexts) && toolOutputs.length === 1,
        ({ toolOutputs }) =>
          ScriptedReply.functionCall(
            'wait_agent',
            { targets: agentsIn(toolOutputs) },
            agents,
          ).usage({ inputTokens: 10, outputTokens: 5 }),
      )
      .replyWhen(
        ({ userTexts }) => !isParent(userTexts),
        ScriptedReply.message('child says hi').usage({ inputTokens: 1000, outputTokens: 10 }),
      );
    const turn = offline.client().startThread({ model: 'mock-model' }).runStreamed('go');
    const events: TurnEvent[] = [];

    for await (const event of turn) events.push(event);
    const result = await turn.result();

    expect(result.finalResponse).to.contain('Answer to');
    expect(result.usage?.totalTokens).to.equal(45);
    expect(Object.values(result.subagentUsage).map(({ totalTokens }) => totalTokens)).to.deep.equal(
      [1010],
    );
    expect(events.filter(({ type }) => type === 'turn.completed')).to.have.length(1);
    expect(
      events.flatMap((event) => (event.type === 'subagent.event' ? [event.method] : [])),
    ).to.include.members(['turn/started', 'item/completed', 'turn/completed']);
    expect(
      result.items.flatMap((item) => (item.type === 'agentMessage' ? [item.text] : [])),
    ).not.to.include('child says hi');
  });

  it(`start from ${clients} clients on one home`, async () => {
    const turns = await Promise.all(
      Array.from({ length: clients }, async (_, index) =>
        offline.client().startThread().run(String(index)),
      ),
    );

    expect(turns.map(({ finalResponse }) => finalResponse)).to.deep.equal(
      turns.map((_, index) => `Answer to ${index}`),
    );
  });
});
