import { expect } from 'chai';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { InMemoryClient } from './raw-client.js';

const unknownId = '0199a213-81c0-7800-8aa1-bbab2a035a53';

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

describe('FaultyHistoryCalls', () => {
  describe('a thread', () => {
    it('starts with the documented defaults', async () => {
      const client = await introduced();

      const { result } = await client.call('thread/start', { cwd: '/repo', threadSource: 'label' });

      expect(result).to.deep.include({
        cwd: '/repo',
        approvalPolicy: 'on-request',
        sandbox: { type: 'readOnly', networkAccess: false },
        activePermissionProfile: { id: ':read-only', extends: null },
      });
      expect(result.thread).to.deep.include({
        originator: 'raw',
        source: 'vscode',
        threadSource: 'label',
        historyMode: 'paginated',
        status: { type: 'idle' },
        turns: [],
      });
    });

    it('has no history before its first turn', async () => {
      const client = new InMemoryClient(new FaultyAppServer());
      const threadId = await client.begin();

      const list = await client.call('thread/turns/list', { threadId });
      const read = await client.call('thread/read', { threadId, includeTurns: true });
      const attach = await client.call('thread/attachment/add', {
        threadId,
        attachmentType: 't',
        identityKey: 'k',
        payload: 1,
      });

      expect(list.error.message).to.equal(
        `thread ${threadId} is not materialized yet; thread/turns/list is unavailable before first user message`,
      );
      expect(read.error).to.deep.equal({
        code: -32601,
        message: 'list_turns is not supported yet',
      });
      expect(attach.error).to.deep.equal({
        code: -32602,
        message: `thread not found: ${threadId}`,
      });
    });

    it('that is unknown is refused in the words of each method', async () => {
      const client = await introduced();
      const threadId = unknownId;

      const resume = await client.call('thread/resume', { threadId });
      const read = await client.call('thread/read', { threadId });
      const turn = await client.call('turn/start', { threadId, input: [] });
      const archive = await client.call('thread/archive', { threadId });
      const unsubscribe = await client.call('thread/unsubscribe', { threadId });
      const malformed = await client.call('thread/resume', { threadId: 'bad' });

      expect(resume.error.message).to.equal(`no rollout found for thread id ${threadId}`);
      expect(read.error.message).to.equal(`thread not loaded: ${threadId}`);
      expect(turn.error.message).to.equal(`thread not found: ${threadId}`);
      expect(archive.error.message).to.equal(`no rollout found for thread id ${threadId}`);
      expect(unsubscribe.result).to.deep.equal({ status: 'notLoaded' });
      expect(malformed.error.message).to.equal(
        'invalid session id: invalid length: expected length 32 for simple format, found 3',
      );
    });

    it('remembers its turns with the id of the client', async () => {
      const { client, threadId, turnId } = await withOneTurn();

      const { result } = await client.call('thread/turns/list', { threadId });
      const read = await client.call('thread/read', { threadId, includeTurns: true });

      expect(result.data.map(({ id, status }) => ({ id, status }))).to.deep.equal([
        { id: turnId, status: 'completed' },
      ]);
      expect(result.data[0]?.items[0]).to.include({ type: 'userMessage', clientId: 'mine' });
      expect(read.result.thread.turns[0]?.items).to.have.length(2);
      expect(read.result.thread.preview).to.equal('first words');
    });

    it('shows its turns page by page, the newest first', async () => {
      const { client, threadId } = await withOneTurn();
      const { params } = await client.playTurn(threadId);
      const page = { threadId, limit: 1, itemsView: 'notLoaded' };

      const first = (await client.call('thread/turns/list', page)).result;
      const next = { ...page, cursor: first.nextCursor };
      const second = (await client.call('thread/turns/list', next)).result;
      const same = { ...page, cursor: first.backwardsCursor };
      const again = (await client.call('thread/turns/list', same)).result;
      const wrong = await client.call('thread/turns/list', { ...page, cursor: 'nonsense' });

      expect(first.data.map(({ id, items }) => [id, items])).to.deep.equal([[params.turn.id, []]]);
      expect(second.data[0]?.id).not.to.equal(params.turn.id);
      expect(second.nextCursor).to.equal(null);
      expect(again.data).to.deep.equal(first.data);
      expect(JSON.parse(first.nextCursor ?? '')).to.include({ requestedThreadId: threadId });
      expect(wrong.error.message).to.equal('invalid cursor: nonsense');
    });

    it('that is ephemeral remembers nothing', async () => {
      const client = await introduced();
      const { result } = await client.call('thread/start', { ephemeral: true });
      const threadId = result.thread.id;
      await client.playTurn(threadId);

      const list = await client.call('thread/turns/list', { threadId });
      const read = await client.call('thread/read', { threadId, includeTurns: true });
      const all = await client.call('thread/list');

      expect(result.thread.path).to.equal(null);
      expect(list.error.message).to.equal('ephemeral threads do not support thread/turns/list');
      expect(read.error.message).to.equal('ephemeral threads do not support includeTurns');
      expect(all.result.data).to.deep.equal([]);
    });

    it('gets a name that is not empty', async () => {
      const { client, threadId } = await withOneTurn();

      await client.call('thread/name/set', { threadId, name: 'Mine' });
      const empty = await client.call('thread/name/set', { threadId, name: ' ' });
      const found = await client.call('thread/list', { searchTerm: 'Min' });

      expect((await client.next('thread/name/updated')).params).to.include({ threadName: 'Mine' });
      expect(empty.error.message).to.equal('thread name must not be empty');
      expect(found.result.data.map(({ name }) => name)).to.deep.equal(['Mine']);
    });

    it('is listed by folder, by words and page by page', async () => {
      const { client, threadId } = await withOneTurn();
      const { result } = await client.call('thread/start', { cwd: '/other' });
      await client.playTurn(result.thread.id, 'second words');

      const all = (await client.call('thread/list', { limit: 1 })).result;
      const rest = (await client.call('thread/list', { limit: 1, cursor: all.nextCursor })).result;
      const there = (await client.call('thread/list', { cwd: '/other' })).result;
      const words = (await client.call('thread/list', { searchTerm: 'first' })).result;

      expect(all.data.map(({ id }) => id)).to.deep.equal([result.thread.id]);
      expect(rest.data.map(({ id }) => id)).to.deep.equal([threadId]);
      expect(rest.nextCursor).to.equal(null);
      expect(there.data.map(({ id }) => id)).to.deep.equal([result.thread.id]);
      expect(words.data.map(({ id }) => id)).to.deep.equal([threadId]);
    });
  });

  describe('attachments', () => {
    const attachment = { attachmentType: 'label', identityKey: 'team=a', payload: { x: 1 } };

    it('are created once, found by key, and removed', async () => {
      const { client, threadId } = await withOneTurn();

      const created = await client.call('thread/attachment/add', { threadId, ...attachment });
      const again = await client.call('thread/attachment/add', {
        threadId,
        ...attachment,
        payload: 2,
      });
      const owners = await client.call('thread/attachmentOwner/list', attachment);
      await client.call('thread/attachment/remove', { threadId, ...attachment });
      await client.call('thread/attachment/remove', { threadId, ...attachment });
      const list = await client.call('thread/attachment/list', { threadId });

      expect(created.result).to.deep.include({ outcome: 'created' });
      expect(again.result.outcome).to.equal('existing');
      expect(again.result.attachment).to.deep.equal(created.result.attachment);
      expect(owners.result.data).to.deep.equal([{ threadId, archived: false }]);
      expect(list.result.data).to.deep.equal([]);
      const operations = client
        .told('thread/attachment/updated')
        .map(({ params }) => params.operation);
      expect(operations).to.deep.equal(['created', 'deleted']);
    });

    it('have a key of at most 256 bytes', async () => {
      const { client, threadId } = await withOneTurn();

      const { error } = await client.call('thread/attachment/add', {
        threadId,
        ...attachment,
        identityKey: 'ü'.repeat(129),
      });

      expect(error.code).to.equal(-32602);
    });
  });
});
