import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Codex, ResumeRejectedError, type TurnEvent } from '../lib/index.js';
import { ScriptedReply, TemporaryCodexHome } from '../lib/testing/index.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft, processesLeft } from './root-hooks.js';

describe('Codex on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('spawns nothing and touches no files while a thread is only described', async () => {
    await using home = await TemporaryCodexHome.create();
    const codexHome = join(home.path, 'not-there');
    const codex = new Codex({ ...offline.options, codexHome });

    const thread = codex
      .thread()
      .withOptions({ model: 'gpt-5.5', workingDirectory: '/nowhere' })
      .withLabels({ team: 'payments' })
      .build();
    codex.startThread({ labels: { team: 'payments' } }).clone({ options: { model: 'gpt-5' } });

    expect(thread.threadId).to.equal(null);
    expect(processesLeft()).to.deep.equal([]);
    expect(existsSync(codexHome)).to.equal(false);
    expect(readdirSync(home.path)).to.deep.equal([]);
    await codex.close();
  });

  it('returns the final response, the items, the usage, the duration and the ids', async () => {
    offline.model.reply(
      ScriptedReply.reasoning('thinking').message('Hello').usage({
        inputTokens: 100,
        cachedInputTokens: 20,
        outputTokens: 5,
        reasoningOutputTokens: 1,
      }),
    );
    const thread = offline.client().startThread();

    const turn = await thread.run('Hi');

    expect(turn.finalResponse).to.equal('Hello');
    expect(turn.status).to.equal('completed');
    expect(turn.items.map(({ type }) => type)).to.deep.equal([
      'userMessage',
      'reasoning',
      'agentMessage',
    ]);
    expect(turn.usage).to.deep.equal({
      inputTokens: 100,
      cachedInputTokens: 20,
      cacheWriteInputTokens: 0,
      outputTokens: 5,
      reasoningOutputTokens: 1,
      totalTokens: 105,
    });
    expect(turn.durationMs).to.be.a('number');
    expect(turn.threadId).to.equal(thread.threadId);
    expect(turn.continuation.turnId).to.equal(turn.turnId);
    expect(turn).to.be.frozen;
  });

  it('continues one conversation over two turns', async () => {
    offline.model.reply(ScriptedReply.message('First answer'), ScriptedReply.message('Second'));
    const thread = offline.client().startThread();

    const first = await thread.run('One');
    const second = await thread.run('Two');

    expect(offline.model.requests[1]?.assistantTexts).to.deep.equal(['First answer']);
    expect(offline.model.requests[1]?.userTexts).to.include.members(['One', 'Two']);
    expect(second.threadId).to.equal(first.threadId);
    expect(second.turnId).not.to.equal(first.turnId);
    expect(offline.model.unexpectedRequests).to.deep.equal([]);
  });

  it('continues the conversation in a new process', async () => {
    offline.model.reply(ScriptedReply.message('First answer'), ScriptedReply.message('Second'));
    const first = offline.client();
    const { threadId, continuation } = await first.startThread().run('One');
    expect(processesLeft()).not.to.deep.equal([]);
    await first.close();
    await noProcessLeft();

    const resumed = await offline.client().resumeThread(threadId, { continuation });
    const turn = await resumed.run('Two');

    expect(turn.threadId).to.equal(threadId);
    expect(offline.model.requests[1]?.assistantTexts).to.deep.equal(['First answer']);
    expect(offline.model.requests[1]?.threadId).to.equal(threadId);
  });

  it('streams deltas in order, and they add up to the final text', async () => {
    offline.model.reply(ScriptedReply.deltas('one ', 'two ', 'three'));
    const turn = offline.client().startThread().runStreamed('Count');

    const events: TurnEvent[] = [];
    for await (const event of turn) events.push(event);

    const { finalResponse, turnId } = await turn.result();
    const deltas = events.flatMap((event) => (event.type === 'text.delta' ? [event.text] : []));
    expect(deltas.join('')).to.equal(finalResponse);
    expect(finalResponse).to.equal('one two three');
    expect(events.map(({ type }) => type)).to.deep.equal([
      'thread.started',
      'turn.started',
      'item.started',
      'item.completed',
      'item.started',
      ...deltas.map(() => 'text.delta'),
      'item.completed',
      'usage.updated',
      'turn.completed',
    ]);
    expect(turn.turnId).to.equal(turnId);
  });

  it('runs two concurrent turns of one thread in sequence', async () => {
    offline.model.reply(ScriptedReply.message('First'), ScriptedReply.message('Second'));
    const thread = offline.client().startThread();

    const [one, two] = await Promise.all([thread.run('One'), thread.run('Two')]);

    expect([one.finalResponse, two.finalResponse]).to.deep.equal(['First', 'Second']);
    expect(one.turnId).not.to.equal(two.turnId);
    expect(offline.model.requests).to.have.length(2);
  });

  it('runs two turns in sequence even through two resumed values of one id', async () => {
    offline.model.reply(
      ScriptedReply.message('Zero'),
      ScriptedReply.message('First'),
      ScriptedReply.message('Second'),
    );
    const codex = offline.client();
    const { threadId } = await codex.startThread().run('Start');

    const [a, b] = await Promise.all([codex.resumeThread(threadId), codex.resumeThread(threadId)]);
    const [one, two] = await Promise.all([a.run('One'), b.run('Two')]);

    expect([one.finalResponse, two.finalResponse]).to.deep.equal(['First', 'Second']);
    expect(a.equals(b)).to.equal(true);
    expect(offline.model.requests[2]?.assistantTexts).to.deep.equal(['Zero', 'First']);
  });

  it('refuses a token that is not the newest, and does not start another thread', async () => {
    offline.model.reply(ScriptedReply.message('First'), ScriptedReply.message('Second'));
    const codex = offline.client();
    const thread = codex.startThread();
    const { threadId, continuation } = await thread.run('One');
    await thread.run('Two');

    const error = await codex.resumeThread(threadId, { continuation }).then(
      () => null,
      (reason: unknown) => reason,
    );

    expect(ResumeRejectedError.is(error)).to.equal(true);
    expect((error as ResumeRejectedError).reason).to.equal('stale');
    expect((error as ResumeRejectedError).verdict.advancedBy).to.equal(1);
    expect(offline.model.requests).to.have.length(2);
    const rollouts = readdirSync(join(offline.home.path, 'sessions'), { recursive: true });
    expect(rollouts.filter((name) => String(name).endsWith('.jsonl'))).to.have.length(1);
  });
});
