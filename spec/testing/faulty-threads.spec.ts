import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
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

describe('a faulty app-server without faults', () => {
  describe('the handshake', () => {
    it('must come first, and once', async () => {
      const client = new InMemoryClient(new FaultyAppServer());

      const early = await client.call('thread/list');
      const { result } = await client.handshake();
      const again = await client.handshake();

      expect(early.error).to.deep.equal({ code: -32600, message: 'Not initialized' });
      expect(result).to.include({ platformFamily: 'unix' });
      expect(result.userAgent).to.match(/^raw\/0\.169\.0 /);
      expect(again.error).to.deep.equal({ code: -32600, message: 'Already initialized' });
    });

    it('decides over experimental methods and fields', async () => {
      const client = new InMemoryClient(new FaultyAppServer());
      await client.handshake(false);

      const method = await client.call('thread/settings/update', { threadId: unknownId });
      const field = await client.call('thread/start', { dynamicTools: [] });
      const plain = await client.call('thread/start', { dynamicTools: null });

      expect(method.error.message).to.equal(
        'thread/settings/update requires experimentalApi capability',
      );
      expect(field.error.message).to.equal(
        'thread/start.dynamicTools requires experimentalApi capability',
      );
      expect(plain.result.thread.turns).to.deep.equal([]);
    });

    it('opts out of notifications by exact name', async () => {
      const client = new InMemoryClient(new FaultyAppServer());
      await client.call('initialize', {
        clientInfo: { name: 'raw', version: '0', title: null },
        capabilities: { optOutNotificationMethods: ['item/agentMessage/delta'] },
      });
      const { result } = await client.call('thread/start');

      await client.playTurn(result.thread.id);

      expect(client.methods).not.to.include('item/agentMessage/delta');
      expect(client.methods).to.include('item/completed');
    });
  });

  describe('a line', () => {
    it('that is no message gets no answer', async () => {
      const client = await introduced();
      const from = client.lines.length;

      for (const line of ['nonsense', '[]', '"text"', '', '{"id":1.5,"method":"thread/list"}'])
        client.sendText(line);
      await client.call('thread/loaded/list');

      expect(client.lines.slice(from)).to.have.length(1);
    });

    it('may carry a string as id', async () => {
      const client = await introduced();

      client.send({ id: 'text', method: 'thread/loaded/list', params: {} });

      const reply = await client.until(() => client.messages.find(({ id }) => id === 'text'));
      expect(reply.result).to.deep.equal({ data: [], nextCursor: null });
    });

    it('must name a method that is known', async () => {
      const client = await introduced();
      client.send({ id: 9, method: 'nope/x', params: {} });

      const { error } = await client.until(() => client.replies(9)[0]);

      expect(error?.code).to.equal(-32600);
      expect(error?.message).to.match(
        /^Invalid request: unknown variant `nope\/x`, expected one of /,
      );
    });

    it('must have params, and the fields that are needed', async () => {
      const client = await introduced();
      client.send({ id: 9, method: 'thread/list' });

      const without = await client.until(() => client.replies(9)[0]);
      const { error } = await client.call('turn/start', { threadId: unknownId });

      expect(without.error?.message).to.equal('Invalid request: missing field `params`');
      expect(error.message).to.equal('Invalid request: missing field `input`');
    });
  });

  describe('an account', () => {
    it('is nobody, and none is needed', async () => {
      const client = await introduced();

      const { result } = await client.call('account/read');

      expect(result).to.deep.include({ account: null, requiresOpenaiAuth: false });
    });

    it('logs in by key where one is needed, and out again', async () => {
      const client = await introduced(new FaultyAppServer().account(null));

      const login = await client.call('account/login/start', { type: 'apiKey', apiKey: 'k' });
      const told = await client.next('account/login/completed');
      const during = await client.call('account/read');
      await client.call('account/logout');
      const after = await client.call('account/read');

      expect(login.result).to.deep.equal({ type: 'apiKey' });
      expect(told.params.success).to.equal(true);
      expect(during.result.account).to.deep.equal({ type: 'apiKey' });
      expect(after.result.account).to.equal(null);
      expect(client.told('account/updated').map(({ params }) => params.authMode)).to.deep.equal([
        'apikey',
        null,
      ]);
    });

    it('begins and cancels other ways to log in', async () => {
      const client = await introduced();

      const { result } = await client.call('account/login/start', { type: 'chatgptDeviceCode' });
      const loginId = result.type === 'chatgptDeviceCode' ? result.loginId : '';
      const cancelled = await client.call('account/login/cancel', { loginId });
      const again = await client.call('account/login/cancel', { loginId });

      expect(result).to.include({ userCode: 'ABCD-1234' });
      expect(cancelled.result).to.deep.equal({ status: 'canceled' });
      expect(again.error.message).to.equal(`invalid login id: ${loginId}`);
    });
  });

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
      await faulty.gate('go').reached();

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

  describe('model/list', () => {
    it('goes page by page', async () => {
      const client = await introduced();
      const [model] = (await client.call('model/list')).result.data;
      const faulty = new FaultyAppServer().models(['a', 'b'].map((id) => ({ ...model!, id })));
      const other = await introduced(faulty);

      const first = (await other.call('model/list', { limit: 1 })).result;
      const second = (await other.call('model/list', { cursor: first.nextCursor })).result;

      expect(first.data.map(({ id }) => id)).to.deep.equal(['a']);
      expect(second.data.map(({ id }) => id)).to.deep.equal(['b']);
      expect(second.nextCursor).to.equal(null);
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
