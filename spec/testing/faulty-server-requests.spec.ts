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

describe('FaultyToolSteps', () => {
  describe('any request', () => {
    it('is awaited before the turn goes on', async () => {
      const { client } = await start(
        new FaultyTurn().request('item/tool/requestUserInput', { questions: [] }).message('after'),
      );

      const { id } = await client.next('item/tool/requestUserInput');
      const before = client.methods.includes('item/agentMessage/delta');
      client.send({ id, result: { answers: {} } });
      await client.next('turn/completed');

      expect(before).to.equal(false);
      expect(statuses(client)).to.include('active waitingOnUserInput');
    });

    it('may have a method that no protocol knows', async () => {
      const { client, threadId, turnId, faulty } = await start(
        new FaultyTurn().requestAnything('made/up', { a: 1 }),
      );

      const asked = await client.until(() =>
        client.messages.find(({ method }) => method === 'made/up'),
      );
      client.send({ id: asked.id, error: { code: -32601, message: 'unknown method' } });
      await client.next('turn/completed');

      expect(asked.params).to.deep.equal({ threadId, turnId, a: 1 });
      expect(faulty.received.at(-1)?.message?.error).to.deep.equal({
        code: -32601,
        message: 'unknown method',
      });
    });

    it('is sent again with the same id', async () => {
      const { client } = await start(
        new FaultyTurn().request('item/tool/requestUserInput', {}, { copies: 2 }),
      );

      const { id } = await client.next('item/tool/requestUserInput');
      const copy = await client.next('item/tool/requestUserInput');
      client.send({ id, result: { answers: {} } });
      client.send({ id, result: { answers: {} } });
      await client.next('turn/completed');

      expect(copy.id).to.equal(id);
      expect(client.told('serverRequest/resolved')).to.have.length(1);
    });

    it('is resolved elsewhere, and a late reply is ignored', async () => {
      const { client, faulty } = await start(
        new FaultyTurn().request('item/tool/requestUserInput', {}, { resolvedBy: 'other' }),
      );
      const { id } = await client.next('item/tool/requestUserInput');

      faulty.gate('other').open();
      const { params } = await client.next('serverRequest/resolved');
      client.send({ id, result: { answers: {} } });
      await client.next('turn/completed');

      expect(params.requestId).to.equal(id);
    });

    it('is resolved by an interrupt, after the turn ends', async () => {
      const { client, threadId, turnId } = await start(
        new FaultyTurn().command('ls', { approval: true }),
      );
      await client.next('item/commandExecution/requestApproval');

      await client.call('turn/interrupt', { threadId, turnId });
      await client.next('serverRequest/resolved');

      expect(client.methods.slice(-3)).to.deep.equal([
        'thread/status/changed',
        'turn/completed',
        'serverRequest/resolved',
      ]);
      expect(lastItem(client)?.type).to.equal('userMessage');
    });

    it('lets a steer wait until the tool is done', async () => {
      const { client, threadId, turnId } = await start(
        new FaultyTurn().command('ls', { approval: true }).message('after'),
      );
      const { id } = await client.next('item/commandExecution/requestApproval');

      await client.call('turn/steer', {
        threadId,
        expectedTurnId: turnId,
        clientUserMessageId: 'steer',
        input: [{ type: 'text', text: 'more' }],
      });
      client.send({ id, result: { decision: 'decline' } });
      await client.next('turn/completed');

      const types = client.told('item/completed').map(({ params }) => params.item.type);
      expect(types).to.deep.equal([
        'userMessage',
        'commandExecution',
        'userMessage',
        'agentMessage',
      ]);
    });
  });
});
