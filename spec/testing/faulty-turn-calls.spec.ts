import { expect } from 'chai';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { InMemoryClient } from './raw-client.js';

async function introduced(faulty = new FaultyAppServer()): Promise<InMemoryClient> {
  const client = new InMemoryClient(faulty);
  await client.handshake();
  return client;
}

/** A thread that has played one turn. */
async function withOneTurn(
  faulty = new FaultyAppServer(),
): Promise<{ client: InMemoryClient; threadId: string; turnId: string; faulty: FaultyAppServer }> {
  const client = new InMemoryClient(faulty);
  const threadId = await client.begin();
  const { params } = await client.playTurn(threadId, 'first words', {
    clientUserMessageId: 'mine',
  });
  return { client, threadId, turnId: params.turn.id, faulty };
}

describe('FaultyTurnCalls', () => {
  describe('settings', () => {
    it('of a turn stick, and are told before its reply', async () => {
      const { client, threadId } = await withOneTurn();
      const from = client.messages.length;

      await client.playTurn(threadId, 'hi', {
        sandboxPolicy: { type: 'dangerFullAccess' },
        effort: 'high',
      });
      const { result } = await client.call('thread/resume', { threadId, excludeTurns: true });

      expect(client.messages[from]?.method).to.equal('thread/settings/updated');
      expect(result).to.deep.include({
        sandbox: { type: 'dangerFullAccess' },
        activePermissionProfile: null,
        reasoningEffort: 'high',
      });
    });

    it('are restored by an update, and null changes nothing', async () => {
      const { client, threadId } = await withOneTurn();
      const change = { effort: 'high', sandboxPolicy: { type: 'dangerFullAccess' } };
      await client.call('thread/settings/update', { threadId, ...change });

      await client.call('thread/settings/update', {
        threadId,
        permissions: ':read-only',
        effort: null,
      });

      const { params } = client.told('thread/settings/updated').at(-1) ?? {};
      expect(params?.threadSettings).to.deep.include({
        effort: 'high',
        sandboxPolicy: { type: 'readOnly', networkAccess: false },
        activePermissionProfile: { id: ':read-only', extends: null },
      });
    });

    it('lose their effort by a collaboration mode', async () => {
      const { client, threadId } = await withOneTurn();
      await client.call('thread/settings/update', { threadId, effort: 'high' });

      await client.call('thread/settings/update', {
        threadId,
        collaborationMode: {
          mode: 'default',
          settings: { model: 'gpt-5.5', reasoning_effort: null, developer_instructions: '' },
        },
      });

      const { params } = client.told('thread/settings/updated').at(-1) ?? {};
      expect(params?.threadSettings.effort).to.equal(null);
    });

    it('are not told when nothing changes', async () => {
      const { client, threadId } = await withOneTurn();

      await client.call('thread/settings/update', { threadId, model: 'gpt-5.5' });
      await client.call('thread/loaded/list');

      expect(client.methods).not.to.include('thread/settings/updated');
    });
  });

  describe('a second turn/start', () => {
    it('steers the turn that runs', async () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().silence().message('done'));
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();
      const first = await client.startTurn(threadId);
      await client.next('item/completed');

      const second = await client.startTurn(threadId, 'more', { clientUserMessageId: 'two' });
      await client.next('turn/completed');
      await client.call('thread/loaded/list');

      expect(second.result).to.deep.equal(first.result);
      expect(client.told('turn/started')).to.have.length(1);
      expect(client.told('turn/completed')).to.have.length(1);
      expect(client.told('item/completed')[1]?.params.item).to.include({ clientId: 'two' });
    });

    it('cuts off what the model is saying', async () => {
      const deltas = Array.from({ length: 50 }, () => 'x');
      const faulty = new FaultyAppServer().plays(
        new FaultyTurn().message('long', { deltas }).message('done'),
      );
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();
      await client.startTurn(threadId);
      await client.next('item/agentMessage/delta');

      await client.startTurn(threadId, 'more');
      await client.next('turn/completed');

      const types = client.told('item/completed').map(({ params }) => params.item.type);
      expect(types).to.deep.equal(['userMessage', 'userMessage', 'agentMessage']);
    });
  });

  describe('interrupt and steer', () => {
    it('name the turn that runs', async () => {
      const client = new InMemoryClient(new FaultyAppServer().plays(new FaultyTurn().silence()));
      const threadId = await client.begin();
      const { result } = await client.startTurn(threadId);
      const steer = { threadId, expectedTurnId: 'x', input: [] };

      const interrupted = await client.call('turn/interrupt', { threadId, turnId: 'x' });
      const steered = await client.call('turn/steer', steer);

      const { id } = result.turn;
      expect(interrupted.error.message).to.equal(`expected active turn id x but found ${id}`);
      expect(steered.error.message).to.equal(`expected active turn id \`x\` but found \`${id}\``);
    });

    it('need a turn that runs', async () => {
      const { client, threadId, turnId } = await withOneTurn();
      const steer = { threadId, expectedTurnId: turnId, input: [] };

      expect((await client.call('turn/interrupt', { threadId, turnId })).error.message).to.equal(
        'no active turn to interrupt',
      );
      expect((await client.call('turn/steer', steer)).error.message).to.equal(
        'no active turn to steer',
      );
    });
  });

  describe('compaction', () => {
    it('interrupts the turn that runs, then is a turn of its own', async () => {
      const client = new InMemoryClient(new FaultyAppServer().plays(new FaultyTurn().silence()));
      const threadId = await client.begin();
      await client.startTurn(threadId);
      await client.next('item/completed');

      const { result } = await client.call('thread/compact/start', { threadId });
      await client.until(() => client.told('turn/completed')[1]);

      expect(result).to.deep.equal({});
      const ends = client.told('turn/completed').map(({ params }) => params.turn.status);
      expect(ends).to.deep.equal(['interrupted', 'completed']);
      expect(client.told('item/completed').at(-1)?.params.item.type).to.equal('contextCompaction');
    });
  });

  describe('many threads', () => {
    it('play at once, each to its own end', async () => {
      const client = await introduced();
      const ids: string[] = [];
      for (let count = 0; count < 50; count += 1)
        ids.push((await client.call('thread/start')).result.thread.id);

      for (const threadId of ids) client.request('turn/start', { threadId, input: [] });
      await client.until(() => client.told('turn/completed')[49]);

      const ended = client.told('turn/completed').map(({ params }) => params.threadId);
      expect(ended).to.have.members(ids);
      const started = client.methods.lastIndexOf('turn/started');
      expect(started).to.be.lessThan(client.methods.indexOf('turn/completed'));
    });
  });
});
