import { expect } from 'chai';
import type { ThreadItem } from '../../lib/protocol/index.js';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { InMemoryClient } from './raw-client.js';

interface Started {
  readonly client: InMemoryClient;
  readonly threadId: string;
  readonly turnId: string;
  readonly faulty: FaultyAppServer;
}

async function start(turn: FaultyTurn): Promise<Started> {
  const faulty = new FaultyAppServer().plays(turn);
  const client = new InMemoryClient(faulty);
  const threadId = await client.begin();
  const { result } = await client.startTurn(threadId);
  return { client, threadId, turnId: result.turn.id, faulty };
}

function lastItem(client: InMemoryClient): ThreadItem | undefined {
  return client.told('item/completed').at(-1)?.params.item;
}

function statuses(client: InMemoryClient): string[] {
  return client
    .told('thread/status/changed')
    .map(({ params: { status } }) =>
      status.type === 'active' ? [status.type, ...status.activeFlags].join(' ') : status.type,
    );
}

const patch = [{ path: '/a', kind: { type: 'add' as const }, diff: 'x' }];

describe('FaultyToolSteps', () => {
  describe('a command', () => {
    it('runs without asking and tells its output', async () => {
      const { client } = await start(new FaultyTurn().command('ls', { output: ['a\n', 'b\n'] }));
      await client.next('turn/completed');

      const deltas = client.told('item/commandExecution/outputDelta');
      expect(deltas.map(({ params }) => params.delta)).to.deep.equal(['a\n', 'b\n']);
      expect(lastItem(client)).to.include({
        command: "/bin/bash -lc 'ls'",
        status: 'completed',
        aggregatedOutput: 'a\nb\n',
        exitCode: 0,
        source: 'unifiedExecStartup',
      });
    });

    it('may end without any delta', async () => {
      const { client } = await start(
        new FaultyTurn().command('ls', { output: ['a'], withoutDeltas: true }),
      );
      await client.next('turn/completed');

      expect(client.methods).not.to.include('item/commandExecution/outputDelta');
      expect(lastItem(client)).to.include({ aggregatedOutput: 'a' });
    });

    it('fails with another exit code, and the turn completes', async () => {
      const { client } = await start(new FaultyTurn().command('false', { exitCode: 3 }));

      const { params } = await client.next('turn/completed');

      expect(lastItem(client)).to.include({ status: 'failed', exitCode: 3 });
      expect(params.turn.status).to.equal('completed');
    });

    it('asks first, in the documented order', async () => {
      const { client } = await start(
        new FaultyTurn().command('ls', { output: ['a'], approval: { reason: 'why not' } }),
      );
      const from = client.methods.length;

      const { id, params } = await client.next('item/commandExecution/requestApproval');
      client.send({ id, result: { decision: 'accept' } });
      await client.next('turn/completed');

      expect(id).to.equal(0);
      expect(params).to.include({ kind: 'command', reason: 'why not', environmentId: 'local' });
      const methods = client.methods.slice(from);
      const asked = methods.indexOf('item/commandExecution/requestApproval');
      expect(methods.slice(asked - 2, asked + 5)).to.deep.equal([
        'thread/status/changed',
        'item/started',
        'item/commandExecution/requestApproval',
        'serverRequest/resolved',
        'thread/status/changed',
        'item/commandExecution/outputDelta',
        'item/completed',
      ]);
      expect(statuses(client)).to.deep.equal([
        'active',
        'active waitingOnApproval',
        'active',
        'idle',
      ]);
    });

    for (const [title, reply, status, turnStatus] of [
      [
        'is run for the session',
        { result: { decision: 'acceptForSession' } },
        'completed',
        'completed',
      ],
      [
        'is run with an amendment',
        { result: { decision: { acceptWithExecpolicyAmendment: { execpolicy_amendment: [] } } } },
        'completed',
        'completed',
      ],
      ['is declined', { result: { decision: 'decline' } }, 'declined', 'completed'],
      ['is cancelled with its turn', { result: { decision: 'cancel' } }, 'declined', 'interrupted'],
      [
        'fails when the decision cannot be read',
        { result: { decision: 'bogus' } },
        'failed',
        'completed',
      ],
      [
        'fails when the client refuses to answer',
        { error: { code: -1, message: 'no' } },
        'failed',
        'completed',
      ],
    ] as const)
      it(title, async () => {
        const { client } = await start(new FaultyTurn().command('ls', { approval: true }));

        const { id } = await client.next('item/commandExecution/requestApproval');
        client.send({ id, ...reply });
        const { params } = await client.next('turn/completed');

        expect(lastItem(client)).to.include({ type: 'commandExecution', status });
        expect(params.turn.status).to.equal(turnStatus);
      });

    it('goes on running after an interrupt, until it is terminated', async () => {
      const { client, threadId, turnId } = await start(
        new FaultyTurn().command('sleep 600', { keepsRunning: true }).silence(),
      );
      await client.until(() => client.told('item/started')[1]);
      await client.call('turn/interrupt', { threadId, turnId });

      const [terminal] = (await client.call('thread/backgroundTerminals/list', { threadId })).result
        .data;
      const ids = { threadId, processId: terminal?.processId };
      const ended = await client.call('thread/backgroundTerminals/terminate', ids);
      const again = await client.call('thread/backgroundTerminals/terminate', ids);
      const wrong = await client.call('thread/backgroundTerminals/terminate', {
        threadId,
        processId: 'x',
      });

      expect(terminal).to.include({ command: 'sleep 600', osPid: null });
      expect(ended.result).to.deep.equal({ terminated: true });
      expect(again.result).to.deep.equal({ terminated: false });
      expect(wrong.error.message).to.include('invalid background terminal process id');
      expect(lastItem(client)).to.include({
        id: terminal?.itemId,
        status: 'failed',
        exitCode: 137,
      });
    });

    it('goes on running after its turn, until all are cleaned', async () => {
      const { client, threadId } = await start(
        new FaultyTurn()
          .command('sleep 1', { keepsRunning: true })
          .command('sleep 2', { keepsRunning: true }),
      );
      await client.next('turn/completed');

      await client.call('thread/backgroundTerminals/clean', { threadId });

      const { result } = await client.call('thread/backgroundTerminals/list', { threadId });
      expect(result.data).to.deep.equal([]);
      expect(
        client
          .told('item/completed')
          .slice(-2)
          .map(({ params }) => params.item),
      ).to.satisfy((items: ThreadItem[]) =>
        items.every((item) => item.type === 'commandExecution' && item.status === 'failed'),
      );
    });
  });

  describe('a file change', () => {
    it('is made without asking', async () => {
      const { client } = await start(new FaultyTurn().fileChange(patch));
      await client.next('turn/completed');

      expect(lastItem(client)).to.deep.include({ changes: patch, status: 'completed' });
    });

    it('is declined', async () => {
      const { client } = await start(new FaultyTurn().fileChange(patch, { approval: true }));

      const { id, params } = await client.next('item/fileChange/requestApproval');
      client.send({ id, result: { decision: 'decline' } });
      await client.next('turn/completed');

      expect(params).not.to.have.property('changes');
      expect(lastItem(client)).to.include({ id: params.itemId, status: 'declined' });
    });

    it('is never completed when its turn is cancelled', async () => {
      const { client } = await start(new FaultyTurn().fileChange(patch, { approval: true }));

      const { id } = await client.next('item/fileChange/requestApproval');
      client.send({ id, result: { decision: 'cancel' } });
      const { params } = await client.next('turn/completed');

      expect(params.turn.status).to.equal('interrupted');
      expect(lastItem(client)?.type).to.equal('userMessage');
    });
  });

  describe("a call of the client's tool", () => {
    const turn = new FaultyTurn().toolCall({ tool: 'find', namespace: 'crm', arguments: { q: 1 } });

    it('is completed with what the client answers', async () => {
      const { client } = await start(turn);
      const contentItems = [{ type: 'inputText', text: 'found' }];

      const { id, params } = await client.next('item/tool/call');
      client.send({ id, result: { contentItems, success: true } });
      await client.next('turn/completed');

      expect(params).to.deep.include({ tool: 'find', namespace: 'crm', arguments: { q: 1 } });
      expect(lastItem(client)).to.deep.include({
        id: params.callId,
        status: 'completed',
        contentItems,
      });
      expect(client.methods).not.to.include('serverRequest/resolved');
    });

    it('fails when the client refuses to answer', async () => {
      const { client } = await start(turn);

      const { id } = await client.next('item/tool/call');
      client.send({ id, error: { code: -1, message: 'no' } });
      await client.next('turn/completed');

      expect(lastItem(client)).to.deep.include({
        status: 'failed',
        contentItems: [{ type: 'inputText', text: 'dynamic tool request failed' }],
      });
    });

    it('fails when the answer cannot be read', async () => {
      const { client } = await start(turn);

      const { id } = await client.next('item/tool/call');
      client.send({ id, result: { content: 'found' } });
      await client.next('turn/completed');

      expect(lastItem(client)).to.deep.include({
        status: 'failed',
        contentItems: [{ type: 'inputText', text: 'dynamic tool response was invalid' }],
      });
    });

    it('is completed as failed by an interrupt, before the turn ends', async () => {
      const { client, threadId, turnId } = await start(turn);
      const { id } = await client.next('item/tool/call');

      await client.call('turn/interrupt', { threadId, turnId });
      await client.next('turn/completed');
      client.send({ id, result: { contentItems: [], success: true } });
      await client.call('thread/loaded/list');

      expect(lastItem(client)).to.deep.include({ status: 'failed', contentItems: [] });
      expect(client.methods.slice(-3)).to.deep.equal([
        'item/completed',
        'thread/status/changed',
        'turn/completed',
      ]);
    });
  });
});
