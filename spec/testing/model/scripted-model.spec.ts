import { expect } from 'chai';
import { Gate, ScriptedModel, ScriptedReply } from '../../../lib/testing/index.js';
import { RawAppServer } from './raw-app-server.js';

describe('ScriptedModel with the real codex', () => {
  let codex: RawAppServer;
  let model: ScriptedModel;

  before(async () => {
    codex = await RawAppServer.start();
  });

  after(async () => {
    await codex[Symbol.asyncDispose]();
    expect(codex.isRunning).to.equal(false);
  });

  beforeEach(async () => {
    model = await ScriptedModel.start();
  });

  afterEach(async () => {
    await model.close();
  });

  describe('requests', () => {
    it('contain what codex sent', async () => {
      model.reply(ScriptedReply.message('Hello'));
      const threadId = await codex.startThread(model, { developerInstructions: 'Be brief.' });

      const turn = await codex.runTurn(threadId, 'Hi', {
        responsesapiClientMetadata: { team: 'Zürich' },
      });

      const [request] = model.requests;
      expect(request).to.include({ threadId, turnId: turn.id, model: 'gpt-5.5', kind: 'turn' });
      expect(request?.userTexts.at(-1)).to.equal('Hi');
      expect(request?.instructionsTexts).to.include('Be brief.');
      expect(request?.toolNames).to.include.members(['exec_command', 'apply_patch', 'web_search']);
      expect(request?.headers).to.include({ authorization: 'Bearer test-key' });
      expect(request?.headers['content-encoding']).to.equal(undefined);
      expect(request?.turnMetadata).to.include({ thread_id: threadId, team: 'Zürich' });
      expect(await request?.outcome).to.equal('answered');
    });

    it('contain the earlier answers of the thread', async () => {
      model.reply(ScriptedReply.message('First'), ScriptedReply.deltas('Sec', 'ond'));
      const threadId = await codex.startThread(model);

      await codex.runTurn(threadId, 'One');
      await codex.runTurn(threadId, 'Two');

      expect(model.requests[0]?.assistantTexts).to.deep.equal([]);
      expect(model.requests[1]?.assistantTexts).to.deep.equal(['First']);
      expect(model.requests[1]?.userTexts.slice(-2)).to.deep.equal(['One', 'Two']);
    });

    it('show that an interrupt ended the stream', async () => {
      const gate = new Gate();
      model.reply(ScriptedReply.deltas('Hel').gate(gate).deltas('lo'));
      const threadId = await codex.startThread(model);
      const turnId = await codex.startTurn(threadId, 'Hi');
      await gate.reached;

      await codex.call('turn/interrupt', { threadId, turnId });

      expect((await codex.turnEnd(turnId)).status).to.equal('interrupted');
      expect(await model.requests[0]?.outcome).to.equal('aborted');
      expect(model.requests[0]?.aborted).to.equal(true);
      expect(model.unexpectedRequests).to.deep.equal([]);
    });

    it('without a reply fail the turn immediately and report what is missing', async () => {
      const threadId = await codex.startThread(model);

      const turn = await codex.runTurn(threadId, 'Surprise');

      expect(turn.error?.message).to.contain('no reply for request 0 (\\"Surprise\\")');
      expect(model.requests).to.have.lengthOf(1);
      expect(model.unexpectedRequests.map(({ request }) => request)).to.deep.equal(model.requests);
    });
  });

  it('answers twenty concurrent threads, each with its own reply', async () => {
    const gate = new Gate();
    const names = Array.from({ length: 20 }, (_, index) => `thread ${index}`);
    for (const name of names)
      model.replyWhen(
        ({ userTexts }) => userTexts.at(-1) === name,
        ScriptedReply.gate(gate).message(`for ${name}`),
      );
    const threadIds = await Promise.all(names.map(async () => codex.startThread(model)));

    const turns = threadIds.map(async (id, index) => codex.runTurn(id, names[index] ?? ''));
    await gate.reachedBy(20);
    gate.open();
    await Promise.all(turns);

    const answers = threadIds.flatMap((id) => codex.answersIn(id));
    expect(answers).to.deep.equal(names.map((name) => `for ${name}`));
    expect(new Set(model.requests.map(({ threadId }) => threadId)).size).to.equal(20);
  });

  it('makes a WebSocket fall back to HTTP without a warning or a retry', async () => {
    await using other = await RawAppServer.start(`openai_base_url="${model.baseUrl}"`);
    model.reply(ScriptedReply.message('Hello'));
    const threadId = await other.startThread(model, { config: {} });

    const turn = await other.runTurn(threadId, 'Hi');

    expect(turn.status).to.equal('completed');
    expect(model.webSocketAttempts).to.be.greaterThan(0);
    expect(other.received('error')).to.deep.equal([]);
    expect(other.received('warning')).to.deep.equal([]);
    expect(model.unexpectedRequests).to.deep.equal([]);
  });
});
