import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
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

describe('FaultyThreadCalls', () => {
  describe('resume', () => {
    it('loads a thread of another connection with its usage, without thread/started', async () => {
      const { client, threadId, turnId, faulty } = await withOneTurn();
      await client.transport.close();
      const second = await introduced(faulty);
      const from = second.messages.length;

      const { result } = await second.call('thread/resume', { threadId, excludeTurns: true });
      const usage = await second.next('thread/tokenUsage/updated');
      await second.next('thread/goal/cleared');

      expect(second.messages.slice(from).map(({ method }) => method ?? 'reply')).to.deep.equal([
        'thread/status/changed',
        'reply',
        'thread/tokenUsage/updated',
        'thread/goal/cleared',
      ]);
      expect(usage.params).to.include({ turnId });
      expect(usage.params.tokenUsage.total.totalTokens).to.equal(106);
      expect(result.thread).to.deep.include({ id: threadId, turns: [] });
      expect(result.turnsBackwardsCursor).to.include(threadId);
    });

    it('gives all turns unless told not to, and a page when asked', async () => {
      const { client, threadId, turnId } = await withOneTurn();

      const { result } = await client.call('thread/resume', {
        threadId,
        initialTurnsPage: { limit: 1, itemsView: 'notLoaded' },
      });

      expect(result.thread.turns.map(({ id }) => id)).to.deep.equal([turnId]);
      expect(result.initialTurnsPage?.data.map(({ id }) => id)).to.deep.equal([turnId]);
      expect(client.methods).to.include('deprecationNotice');
    });

    it('is refused while another connection has the thread', async () => {
      const { client, threadId, faulty } = await withOneTurn();
      const second = await introduced(faulty);

      const busy = await second.call('thread/resume', { threadId });
      await client.call('thread/unsubscribe', { threadId });
      await client.next('thread/closed');
      const free = await second.call('thread/resume', { threadId });

      expect(busy.error.message).to.equal(`thread ${threadId} already has an active writer`);
      expect(free.result.thread.id).to.equal(threadId);
    });

    it('is refused for an archived thread', async () => {
      const { client, threadId } = await withOneTurn();
      await client.call('thread/archive', { threadId });

      const { error } = await client.call('thread/resume', { threadId });
      const listed = await client.call('thread/list');
      const archived = await client.call('thread/list', { archived: true });
      const turn = await client.call('turn/start', { threadId, input: [] });
      await client.call('thread/unarchive', { threadId });
      const again = await client.call('thread/resume', { threadId });

      expect(error.message).to.match(/^session \S+ is archived\. Run `codex unarchive /);
      expect(listed.result.data).to.deep.equal([]);
      expect(archived.result.data.map(({ id }) => id)).to.deep.equal([threadId]);
      expect(turn.error.message).to.equal(`thread not found: ${threadId}`);
      expect(again.result.thread.id).to.equal(threadId);
      expect(client.methods).to.include.members(['thread/archived', 'thread/unarchived']);
    });

    it('shows a turn that a crash cut off without an end record', async () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().message('part').kill(), {
        generation: 1,
      });
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();
      await client.startTurn(threadId, 'hi', { clientUserMessageId: 'mine' });
      await client.end();
      const second = await introduced(faulty);

      const { result } = await second.call('thread/turns/list', { threadId, itemsView: 'full' });
      const resumed = await second.call('thread/resume', { threadId, excludeTurns: true });
      const next = await second.playTurn(threadId);

      expect(result.data[0]).to.include({
        status: 'interrupted',
        completedAt: null,
        durationMs: null,
      });
      expect(result.data[0]?.items[0]).to.include({ clientId: 'mine' });
      expect(resumed.result.thread.status.type).to.equal('idle');
      expect(next.params.turn.status).to.equal('completed');
    });

    it('knows nothing of what would have happened after the crash', async () => {
      const faulty = new FaultyAppServer()
        .onNotification('thread/tokenUsage/updated', { generation: 1 })
        .kill();
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();
      await client.startTurn(threadId);
      await client.end();
      const second = await introduced(faulty);

      const { result } = await second.call('thread/turns/list', { threadId });

      expect(result.data[0]).to.include({ status: 'interrupted', completedAt: null });
    });

    it('shows a turn that an orderly end cut off with its end record', async () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().silence());
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();
      await client.startTurn(threadId);
      await client.next('item/completed');
      await client.transport.close();
      const second = await introduced(faulty);

      const { result } = await second.call('thread/turns/list', { threadId });

      expect(result.data[0]?.status).to.equal('interrupted');
      expect(result.data[0]?.completedAt).to.be.a('number');
      expect(client.methods).not.to.include('turn/completed');
    });

    it('knows nothing of a turn that died before it began', async () => {
      const faulty = new FaultyAppServer()
        .on('turn/start', { when: 'after', generation: 1 })
        .kill();
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();
      client.request('turn/start', { threadId, input: [] });
      await client.end();
      const second = await introduced(faulty);

      const { error } = await second.call('thread/resume', { threadId });

      expect(error.message).to.equal(`no rollout found for thread id ${threadId}`);
    });
  });

  describe('unsubscribe', () => {
    it('unloads an idle thread at once', async () => {
      const { client, threadId } = await withOneTurn();

      const { result } = await client.call('thread/unsubscribe', { threadId });
      await client.next('thread/closed');
      const loaded = await client.call('thread/loaded/list');

      expect(result).to.deep.equal({ status: 'unsubscribed' });
      expect(loaded.result.data).to.deep.equal([]);
    });

    it('lets a running turn finish unheard, then unloads', async () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().waitFor('go').message('done'));
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();
      await client.startTurn(threadId);
      await faulty.gate('go').reached;

      await client.call('thread/unsubscribe', { threadId });
      faulty.gate('go').open();
      await client.next('thread/closed');
      const { result } = await client.call('thread/turns/list', { threadId });

      expect(client.methods).not.to.include('turn/completed');
      expect(result.data[0]?.status).to.equal('completed');
    });
  });

  describe('fork', () => {
    it('has a new id, the same turns and the attachments', async () => {
      const { client, threadId, turnId } = await withOneTurn();
      const attachment = { attachmentType: 'label', identityKey: 'k', payload: 1 };
      await client.call('thread/attachment/add', { threadId, ...attachment });

      const { result } = await client.call('thread/fork', { threadId });
      const forkId = result.thread.id;
      const list = await client.call('thread/attachment/list', { threadId: forkId });
      const { params } = await client.playTurn(forkId);

      expect(forkId).not.to.equal(threadId);
      expect(result.thread.forkedFromId).to.equal(threadId);
      expect(result.thread.turns.map(({ id }) => id)).to.deep.equal([turnId]);
      expect(list.result.data).to.have.length(1);
      expect(params.threadId).to.equal(forkId);
    });

    it('ends before or with a turn', async () => {
      const { client, threadId, turnId } = await withOneTurn();
      await client.playTurn(threadId);

      const upTo = await client.call('thread/fork', { threadId, lastTurnId: turnId });
      const before = await client.call('thread/fork', { threadId, beforeTurnId: turnId });
      const wrong = await client.call('thread/fork', { threadId, lastTurnId: 'x' });

      expect(upTo.result.thread.turns.map(({ id }) => id)).to.deep.equal([turnId]);
      expect(before.result.thread.turns).to.deep.equal([]);
      expect(wrong.error.message).to.equal('turn not found: x');
    });
  });

  describe('delete', () => {
    it('forgets the thread', async () => {
      const { client, threadId } = await withOneTurn();

      await client.call('thread/delete', { threadId });
      const { error } = await client.call('thread/read', { threadId });

      expect(error.message).to.equal(`thread not loaded: ${threadId}`);
    });
  });

  describe('in a directory', () => {
    let directory: string;

    beforeEach(async () => {
      directory = await mkdtemp(join(homedir(), '.codex-threads-spec-'));
    });

    afterEach(async () => {
      await rm(directory, { recursive: true });
    });

    it('serves a second server with the same history and locks', async () => {
      const { client, threadId, turnId } = await withOneTurn(
        new FaultyAppServer().inDirectory(directory),
      );
      const second = await introduced(new FaultyAppServer().inDirectory(directory));

      const listed = await second.call('thread/list');
      const busy = await second.call('thread/resume', { threadId });
      await client.transport.close();
      const free = await second.call('thread/resume', { threadId });

      expect(listed.result.data.map(({ id }) => id)).to.deep.equal([threadId]);
      expect(busy.error.message).to.equal(`thread ${threadId} already has an active writer`);
      expect(free.result.thread.turns.map(({ id }) => id)).to.deep.equal([turnId]);
    });
  });
});
