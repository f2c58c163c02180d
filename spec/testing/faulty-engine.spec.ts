import { expect } from 'chai';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { InMemoryClient } from './raw-client.js';

const unknownId = '0199a213-81c0-7800-8aa1-bbab2a035a53';

async function introduced(faulty = new FaultyAppServer()): Promise<InMemoryClient> {
  const client = new InMemoryClient(faulty);
  await client.handshake();
  return client;
}

describe('FaultyEngine', () => {
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
});
