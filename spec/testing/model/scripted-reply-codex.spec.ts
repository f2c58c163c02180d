import { expect } from 'chai';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Gate, ScriptedModel, ScriptedReply } from '../../../lib/testing/index.js';
import { RawAppServer } from './raw-app-server.js';

const unsandboxed = { sandboxPolicy: { type: 'dangerFullAccess' }, approvalPolicy: 'never' };

describe('ScriptedReply through the real codex', () => {
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

  describe('messages', () => {
    it('arrive whole', async () => {
      model.reply(ScriptedReply.message('Hello'));
      const threadId = await codex.startThread(model);

      const turn = await codex.runTurn(threadId, 'Hi');

      expect(turn.status).to.equal('completed');
      expect(codex.answersIn(threadId)).to.deep.equal(['Hello']);
    });

    it('arrive in pieces, in order, as one message', async () => {
      model.reply(ScriptedReply.deltas('How ', 'are ').deltas('you'));
      const threadId = await codex.startThread(model);

      const turn = await codex.runTurn(threadId, 'Hi');

      expect(codex.deltasOf(turn.id)).to.deep.equal(['How ', 'are ', 'you']);
      expect(codex.answersIn(threadId)).to.deep.equal(['How are you']);
    });

    it('stop at a gate and continue when it opens', async () => {
      const gate = new Gate();
      model.reply(ScriptedReply.deltas('before').gate(gate).deltas(', after'));
      const threadId = await codex.startThread(model);

      const turnId = await codex.startTurn(threadId, 'Hi');
      await gate.reached;
      await codex.notification('item/agentMessage/delta', (params) => params.turnId === turnId);
      const deltasAtTheGate = codex.deltasOf(turnId);
      gate.open();
      await codex.turnEnd(turnId);

      expect(deltasAtTheGate).to.deep.equal(['before']);
      expect(codex.answersIn(threadId)).to.deep.equal(['before, after']);
    });

    it('have their phase and their id', async () => {
      model.reply(
        ScriptedReply.message('Looking', { phase: 'commentary', id: 'msg_mine' }).message(
          ['Do', 'ne'],
          { phase: 'final_answer' },
        ),
      );
      const threadId = await codex.startThread(model);

      const { id } = await codex.runTurn(threadId, 'Hi');

      const items = codex
        .received('item/completed')
        .filter(({ item, turnId }) => turnId === id && item.type === 'agentMessage')
        .map(({ item }) => item);
      expect(items[0]).to.include({ id: 'msg_mine', text: 'Looking', phase: 'commentary' });
      expect(items[1]).to.include({ text: 'Done', phase: 'final_answer' });
      expect(codex.deltasOf(id)).to.deep.equal(['Looking', 'Do', 'ne']);
    });

    it('may follow reasoning and other messages in one reply', async () => {
      model.reply(ScriptedReply.reasoning('Think').deltas('a', 'b').message('c'));
      const threadId = await codex.startThread(model);

      await codex.runTurn(threadId, 'Hi');

      expect(codex.completed('reasoning').at(-1)?.summary).to.deep.equal(['Think']);
      expect(codex.answersIn(threadId)).to.deep.equal(['ab', 'c']);
      expect(model.requests).to.have.lengthOf(1);
    });
  });

  describe('tool calls', () => {
    let workspace: string;

    beforeEach(async () => {
      workspace = await mkdtemp(join(codex.home.path, 'workspace-'));
    });

    it('run a shell command whose output the next request holds', async () => {
      model.reply(
        ScriptedReply.shellCommand('echo written > made.txt; echo said', { workdir: workspace }),
        ScriptedReply.message('Done'),
      );
      const threadId = await codex.startThread(model);

      await codex.runTurn(threadId, 'Write', unsandboxed);

      expect(await readFile(join(workspace, 'made.txt'), 'utf8')).to.equal('written\n');
      expect(model.requests[1]?.toolOutputs).to.have.lengthOf(1);
      expect(model.requests[1]?.toolOutputs[0]?.text).to.match(/Output:\nsaid\n$/);
    });

    it('leave a shell command running after the waiting time', async () => {
      model.reply(
        ScriptedReply.shellCommand('sleep 60', { yieldTimeMs: 250 }),
        ScriptedReply.message('Done'),
      );
      const threadId = await codex.startThread(model);

      await codex.runTurn(threadId, 'Wait', unsandboxed);
      await codex.call('thread/backgroundTerminals/clean', { threadId });

      expect(model.requests[1]?.toolOutputs[0]?.text).to.contain('Process running with session ID');
    });

    it('ask to leave the sandbox with their reason', async () => {
      model.reply(
        ScriptedReply.shellCommand('touch x', { escalated: true, justification: 'Needs it' }),
        ScriptedReply.message('Done'),
      );
      const threadId = await codex.startThread(model);

      const { id } = await codex.runTurn(threadId, 'Touch', { approvalPolicy: 'on-request' });

      const asked = codex.serverRequests.find(({ params }) => params.turnId === id);
      expect(asked?.method).to.equal('item/commandExecution/requestApproval');
      expect(asked?.params).to.include({ reason: 'Needs it' });
    });

    it('apply a patch', async () => {
      await writeFile(join(workspace, 'a.txt'), 'one\ntwo\n');
      model.reply(
        ScriptedReply.patch(
          '*** Begin Patch\n*** Update File: a.txt\n@@\n one\n-two\n+three\n*** End Patch',
        ),
        ScriptedReply.message('Done'),
      );
      const threadId = await codex.startThread(model, { cwd: workspace });

      await codex.runTurn(threadId, 'Patch', unsandboxed);

      expect(await readFile(join(workspace, 'a.txt'), 'utf8')).to.equal('one\nthree\n');
      expect(codex.completed('fileChange').at(-1)?.status).to.equal('completed');
    });

    it('reach a function inside a namespace', async () => {
      const inputSchema = { type: 'object', properties: { id: { type: 'string' } } };
      const find = { type: 'function', name: 'find', description: 'Finds', inputSchema };
      const crm = { type: 'namespace', name: 'crm', description: 'Customers', tools: [find] };
      model.reply(
        ScriptedReply.functionCall('find', { id: 'C1' }, { namespace: 'crm' }),
        ScriptedReply.message('Done'),
      );
      const threadId = await codex.startThread(model, { dynamicTools: [crm] });

      await codex.runTurn(threadId, 'Find');

      expect(model.requests[0]?.toolNames).to.include.members(['exec_command', 'crm.find']);
      expect(codex.completed('dynamicToolCall').at(-1)).to.deep.include({
        namespace: 'crm',
        tool: 'find',
        arguments: { id: 'C1' },
      });
    });

    it('can be combined with a message in one reply', async () => {
      model.reply(
        ScriptedReply.message('I look', { phase: 'commentary' }).shellCommand('true'),
        ScriptedReply.message('Done'),
      );
      const threadId = await codex.startThread(model);

      await codex.runTurn(threadId, 'Look', unsandboxed);

      expect(codex.answersIn(threadId)).to.deep.equal(['I look', 'Done']);
      expect(model.requests).to.have.lengthOf(2);
    });
  });

  it('compacts a thread', async () => {
    model.reply(
      ScriptedReply.message('Hello'),
      ScriptedReply.compaction('We greeted'),
      ScriptedReply.message('Go on'),
    );
    const threadId = await codex.startThread(model);
    await codex.runTurn(threadId, 'Hi');

    await codex.call('thread/compact/start', { threadId });
    await codex.notification(
      'item/completed',
      (params) => params.threadId === threadId && params.item.type === 'contextCompaction',
    );
    const compaction = await model.request(1);
    const { turn } = await codex.notification(
      'turn/completed',
      (params) => params.turn.id === compaction.turnId,
    );
    await codex.runTurn(threadId, 'And now?');

    expect(compaction.kind).to.equal('compaction');
    expect(turn.status).to.equal('completed');
    expect(model.requests[2]?.kind).to.equal('turn');
    expect(model.requests[2]?.assistantTexts).to.deep.equal([]);
    expect(JSON.stringify(model.requests[2]?.body.input)).to.contain('We greeted');
  });

  it('reports the given usage', async () => {
    const usage = {
      inputTokens: 100,
      cachedInputTokens: 40,
      cacheWriteInputTokens: 7,
      outputTokens: 20,
      reasoningOutputTokens: 9,
    };
    model.reply(ScriptedReply.message('Hello').usage(usage));
    const threadId = await codex.startThread(model);

    await codex.runTurn(threadId, 'Hi');

    const { tokenUsage } = await codex.notification(
      'thread/tokenUsage/updated',
      (params) => params.threadId === threadId,
    );
    expect(tokenUsage.last).to.deep.equal({ ...usage, totalTokens: 120 });
  });

  describe('failures', () => {
    async function errorOf(reply: ScriptedReply): Promise<unknown> {
      model.reply(reply);
      const threadId = await codex.startImpatientThread(model);
      const turn = await codex.runTurn(threadId, 'Hi');
      expect(turn.status).to.equal('failed');
      expect(model.requests).to.have.lengthOf(1);
      return turn.error?.codexErrorInfo;
    }

    it('make a 401 an HTTP error of that status', async () => {
      expect(await errorOf(ScriptedReply.status(401))).to.deep.equal({
        httpConnectionFailed: { httpStatusCode: 401 },
      });
    });

    it('make a 404 a missing model', async () => {
      expect(await errorOf(ScriptedReply.status(404))).to.equal('modelNotFound');
    });

    it('make a 429 too many attempts', async () => {
      expect(await errorOf(ScriptedReply.status(429))).to.deep.equal({
        responseTooManyFailedAttempts: { httpStatusCode: 429 },
      });
    });

    it('make an exhausted limit known with its reset time', async () => {
      const resetsAt = new Date('2031-05-06T07:08:09Z');

      const error = await errorOf(ScriptedReply.usageLimitReached({ resetsAt }));

      expect(error).to.equal('usageLimitExceeded');
      const { rateLimits } = await codex.notification(
        'account/rateLimits/updated',
        (params) => params.rateLimits.primary?.usedPercent === 100,
      );
      expect(rateLimits.primary?.resetsAt).to.equal(resetsAt.getTime() / 1000);
    });

    it('make a 500 an internal server error', async () => {
      expect(await errorOf(ScriptedReply.status(500))).to.equal('internalServerError');
    });

    it('make a 503 an overloaded server', async () => {
      expect(await errorOf(ScriptedReply.status(503))).to.equal('serverOverloaded');
    });

    it('make an oversized request exceed the context window', async () => {
      expect(await errorOf(ScriptedReply.contextWindowExceeded())).to.equal(
        'contextWindowExceeded',
      );
    });

    it('can end a stream that has begun', async () => {
      const reply = ScriptedReply.deltas('Hel').failed('rate_limit_exceeded', 'Slow down');

      expect(await errorOf(reply)).to.equal('rateLimitExceeded');
    });

    it('can be a connection that is cut before any answer', async () => {
      expect(await errorOf(ScriptedReply.cut())).to.equal('other');
      expect(await model.requests[0]?.outcome).to.equal('cut');
    });

    it('can be a connection that is cut in the middle of a message', async () => {
      model.reply(ScriptedReply.deltas('Hel').cut());
      const threadId = await codex.startImpatientThread(model);

      const turn = await codex.runTurn(threadId, 'Hi');

      expect(turn.status).to.equal('failed');
      expect(turn.error?.message).to.match(/^stream disconnected before completion/);
      expect(codex.deltasOf(turn.id)).to.deep.equal(['Hel']);
      expect(codex.answersIn(threadId)).to.deep.equal([]);
    });
  });
});
