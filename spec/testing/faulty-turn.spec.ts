import { expect } from 'chai';
import type { ThreadItem } from '../../lib/protocol/index.js';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { InMemoryClient } from './raw-client.js';

/** A client whose next turn is this one, on a fresh thread. */
async function beginning(
  turn: FaultyTurn,
): Promise<{ client: InMemoryClient; threadId: string; faulty: FaultyAppServer }> {
  const faulty = new FaultyAppServer().plays(turn);
  const client = new InMemoryClient(faulty);
  return { client, threadId: await client.begin(), faulty };
}

async function played(turn: FaultyTurn): Promise<InMemoryClient> {
  const { client, threadId } = await beginning(turn);
  await client.playTurn(threadId);
  return client;
}

function completed<T extends ThreadItem['type']>(
  client: InMemoryClient,
  type: T,
): Extract<ThreadItem, { type: T }>[] {
  return client
    .told('item/completed')
    .map(({ params }) => params.item)
    .filter((item): item is Extract<ThreadItem, { type: T }> => item.type === type);
}

describe('FaultyTurn', () => {
  it('is left untouched by its verbs', () => {
    const turn = new FaultyTurn();

    const longer = turn.message('a').acknowledged('afterStarted').withoutUsage();

    expect(turn.toJSON()).to.deep.equal({ steps: [] });
    expect(longer.toJSON()).to.deep.equal({
      steps: [{ type: 'message', text: 'a' }],
      acknowledged: 'afterStarted',
      withoutUsage: true,
    });
  });

  describe('which turn it is', () => {
    it('is the next one, once, in the order given', async () => {
      const faulty = new FaultyAppServer()
        .plays(new FaultyTurn().message('one'))
        .plays(new FaultyTurn().message('two'));
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();

      for (let turn = 0; turn < 3; turn += 1) await client.playTurn(threadId);

      expect(completed(client, 'agentMessage').map(({ text }) => text)).to.deep.equal([
        'one',
        'two',
        'Hello brave new world',
      ]);
    });

    it('is every one with the given input', async () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().message('special'), {
        input: 'please',
        times: 0,
      });
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();

      await client.playTurn(threadId, 'other');
      await client.playTurn(threadId, 'do it please');
      await client.playTurn(threadId, 'please again');

      expect(completed(client, 'agentMessage').map(({ text }) => text)).to.deep.equal([
        'Hello brave new world',
        'special',
        'special',
      ]);
    });

    it('is one of a certain connection', async () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().message('second'), {
        generation: 2,
      });
      const [first, second] = [new InMemoryClient(faulty), new InMemoryClient(faulty)];

      await first.playTurn(await first.begin());
      await second.playTurn(await second.begin());

      expect(completed(first, 'agentMessage')[0]?.text).to.equal('Hello brave new world');
      expect(completed(second, 'agentMessage')[0]?.text).to.equal('second');
    });
  });

  describe('message', () => {
    it('streams the deltas given and completes with the text', async () => {
      const client = await played(
        new FaultyTurn().message('Hello', { deltas: ['He', 'lo'], phase: 'final_answer' }),
      );

      const deltas = client.told('item/agentMessage/delta').map(({ params }) => params.delta);
      expect(deltas).to.deep.equal(['He', 'lo']);
      expect(completed(client, 'agentMessage')[0]).to.include({
        text: 'Hello',
        phase: 'final_answer',
      });
    });

    it('streams nothing when there are no deltas', async () => {
      const client = await played(new FaultyTurn().message('Hello', { deltas: [] }));

      expect(client.methods).not.to.include('item/agentMessage/delta');
      expect(completed(client, 'agentMessage')[0]).to.include({ text: 'Hello' });
    });

    it('is never completed when its completion is missing', async () => {
      const client = await played(new FaultyTurn().message('Hello', { completion: 'missing' }));

      expect(client.told('item/agentMessage/delta')).to.have.length(2);
      expect(completed(client, 'agentMessage')).to.deep.equal([]);
      expect(client.told('turn/completed')[0]?.params.turn.items).to.deep.equal([]);
    });

    it('is completed after the turn when its completion is late', async () => {
      const client = await played(new FaultyTurn().message('Hello', { completion: 'late' }));
      await client.until(() => completed(client, 'agentMessage')[0]);

      expect(client.methods.slice(-2)).to.deep.equal(['turn/completed', 'item/completed']);
    });
  });

  describe('reasoning', () => {
    it('streams summary and content', async () => {
      const client = await played(new FaultyTurn().reasoning(['a', 'b'], ['c']));

      expect(client.told('item/reasoning/summaryPartAdded')).to.have.length(2);
      const summary = client.told('item/reasoning/summaryTextDelta').map(({ params }) => params);
      expect(summary.map(({ delta, summaryIndex }) => [delta, summaryIndex])).to.deep.equal([
        ['a', 0],
        ['b', 1],
      ]);
      expect(client.told('item/reasoning/textDelta')[0]?.params.delta).to.equal('c');
      expect(completed(client, 'reasoning')[0]).to.deep.include({
        summary: ['a', 'b'],
        content: ['c'],
      });
    });
  });

  describe('any item', () => {
    it('is started and completed as given', async () => {
      const client = await played(new FaultyTurn().item({ type: 'plan', id: 'p', text: 'plan' }));

      expect(client.told('item/started').at(-1)?.params.item).to.include({ type: 'plan' });
      expect(completed(client, 'plan')[0]).to.include({ id: 'p', text: 'plan' });
    });

    it('is only started, or only completed', async () => {
      const item: ThreadItem = { type: 'plan', id: 'p', text: 'plan' };
      const client = await played(
        new FaultyTurn().item(item, 'started').item({ ...item, id: 'q' }, 'completed'),
      );

      const plans = client.told('item/started').map(({ params }) => params.item.id);
      expect(plans).to.include('p').and.not.to.include('q');
      expect(completed(client, 'plan').map(({ id }) => id)).to.deep.equal(['q']);
    });

    it('may have a type that no protocol knows', async () => {
      const client = await played(new FaultyTurn().unknownItemType());

      const types: string[] = client.told('item/completed').map(({ params }) => params.item.type);
      expect(types).to.deep.equal(['userMessage', 'faultyUnknownItem']);
    });
  });

  describe('silence', () => {
    it('lasts until the turn is interrupted', async () => {
      const { client, threadId } = await beginning(
        new FaultyTurn().message('a').silence().message('b'),
      );
      const { result } = await client.startTurn(threadId);
      await client.next('item/agentMessage/delta');

      const reply = await client.call('turn/interrupt', { threadId, turnId: result.turn.id });
      const { params } = await client.next('turn/completed');

      expect(reply.result).to.deep.equal({});
      expect(params.turn).to.deep.include({ status: 'interrupted', items: [], error: null });
      expect(completed(client, 'agentMessage').map(({ text }) => text)).to.deep.equal(['a']);
    });

    it('lasts until a steer begins the next model request', async () => {
      const { client, threadId } = await beginning(new FaultyTurn().silence().message('b'));
      const { result } = await client.startTurn(threadId);
      await client.next('item/completed');

      const reply = await client.call('turn/steer', {
        threadId,
        expectedTurnId: result.turn.id,
        clientUserMessageId: 'steer-1',
        input: [{ type: 'text', text: 'more' }],
      });
      await client.next('turn/completed');

      expect(reply.result).to.deep.equal({ turnId: result.turn.id });
      const users = completed(client, 'userMessage');
      expect(users.map(({ clientId }) => clientId)).to.deep.equal([null, 'steer-1']);
      expect(completed(client, 'agentMessage')[0]).to.include({ text: 'b' });
    });
  });

  describe('a sub-agent', () => {
    it('has a thread and a turn of its own while the parent waits', async () => {
      const { client, threadId } = await beginning(
        new FaultyTurn()
          .subAgent(new FaultyTurn().message('child').usage({ totalTokens: 1 }))
          .message('parent'),
      );

      await client.startTurn(threadId);
      await client.until(() => client.told('turn/completed')[1]);

      const [child, parent] = client.told('turn/completed').map(({ params }) => params);
      expect(parent?.threadId).to.equal(threadId);
      expect(child?.threadId).not.to.equal(threadId);
      expect(child?.turn.rootTurnId).to.equal(parent?.turn.id);
      expect(client.told('thread/started').at(-1)?.params.thread).to.include({
        id: child?.threadId,
        parentThreadId: threadId,
      });
      const activity = completed(client, 'subAgentActivity');
      expect(activity.map(({ kind }) => kind)).to.deep.equal(['started', 'completed']);
      expect(activity[0]?.agentThreadId).to.equal(child?.threadId);
      const usage = client.told('thread/tokenUsage/updated').map(({ params }) => params.threadId);
      expect(usage).to.deep.equal([child?.threadId, threadId]);
    });

    it('outlives its parent in the background', async () => {
      const { client, threadId, faulty } = await beginning(
        new FaultyTurn().subAgentInBackground(new FaultyTurn().waitFor('go').message('child')),
      );
      await client.startTurn(threadId);

      const { params: first } = await client.next('turn/completed');
      faulty.gate('go').open();
      const { params: second } = await client.next('turn/completed');

      expect(first.threadId).to.equal(threadId);
      expect(second.threadId).not.to.equal(threadId);
    });
  });
});
