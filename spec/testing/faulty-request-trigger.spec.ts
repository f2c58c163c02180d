import { expect } from 'chai';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { InMemoryClient } from './raw-client.js';

/** A client that has introduced itself. */
async function introduced(faulty: FaultyAppServer): Promise<InMemoryClient> {
  const client = new InMemoryClient(faulty);
  await client.handshake();
  return client;
}

/** Resolves when all has happened that waits for nothing. */
async function settled(): Promise<string> {
  return new Promise((done) => setImmediate(done, 'settled'));
}

describe('FaultyRequestTrigger', () => {
  it('is for every request of the method by default', async () => {
    const client = await introduced(new FaultyAppServer().on('thread/list').reject(-1, 'no'));

    expect((await client.call('thread/list')).error.code).to.equal(-1);
    expect((await client.call('thread/list')).error.code).to.equal(-1);
    expect((await client.call('thread/loaded/list')).result.data).to.deep.equal([]);
  });

  it('is for the nth request only', async () => {
    const faulty = new FaultyAppServer().on('thread/list', { nth: 2 }).reject(-1, 'no');
    const client = await introduced(faulty);

    expect(await client.call('thread/list')).not.to.have.property('error');
    expect((await client.call('thread/list')).error.code).to.equal(-1);
    expect(await client.call('thread/list')).not.to.have.property('error');
  });

  it('is for one connection only', async () => {
    const faulty = new FaultyAppServer().on('thread/list', { generation: 2 }).reject(-1, 'no');
    const [first, second] = [await introduced(faulty), await introduced(faulty)];

    expect(await first.call('thread/list')).not.to.have.property('error');
    expect((await second.call('thread/list')).error.code).to.equal(-1);
  });

  it('counts anew in every connection', async () => {
    const faulty = new FaultyAppServer().on('thread/list', { nth: 1 }).reject(-1, 'no');
    const [first, second] = [await introduced(faulty), await introduced(faulty)];

    expect((await first.call('thread/list')).error.code).to.equal(-1);
    expect((await second.call('thread/list')).error.code).to.equal(-1);
  });

  describe('dropReply', () => {
    it('carries the request out and never answers', async () => {
      const faulty = new FaultyAppServer().on('turn/start', { nth: 1 }).dropReply();
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();

      const id = client.request('turn/start', { threadId, input: [] });
      await client.next('turn/completed');

      expect(client.replies(id)).to.deep.equal([]);
      expect(faulty.requests('turn/start')).to.have.length(1);
    });
  });

  describe('stall', () => {
    it('neither carries the request out nor answers, and serves others', async () => {
      const client = new InMemoryClient(new FaultyAppServer().on('turn/start').stall());
      const threadId = await client.begin();

      const id = client.request('turn/start', { threadId, input: [] });
      await client.call('thread/loaded/list');

      expect(client.replies(id)).to.deep.equal([]);
      expect(client.methods).not.to.include('turn/started');
    });
  });

  describe('delayUntil', () => {
    it('carries the request out when the gate opens', async () => {
      const faulty = new FaultyAppServer().on('thread/start').delayUntil('go');
      const client = await introduced(faulty);

      const id = client.request('thread/start');
      await faulty.gate('go').reached;
      const during = (await client.call('thread/loaded/list')).result.data;
      faulty.gate('go').open();
      await client.next('thread/started');

      expect(during).to.deep.equal([]);
      expect(client.replies(id)).to.have.length(1);
    });
  });

  describe('delayReplyUntil', () => {
    it('carries the request out at once and answers when the gate opens', async () => {
      const faulty = new FaultyAppServer().on('turn/start').delayReplyUntil('go');
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();

      const id = client.request('turn/start', { threadId, input: [] });
      await client.next('turn/completed');
      const before = client.replies(id).length;
      faulty.gate('go').open();
      await client.until(() => client.replies(id)[0]);

      expect(before).to.equal(0);
    });
  });

  describe('replyTwice', () => {
    it('sends the same reply twice', async () => {
      const client = await introduced(new FaultyAppServer().on('thread/list').replyTwice());

      const { id } = await client.call('thread/list');
      await client.call('thread/loaded/list');

      const [one, two, ...rest] = client.replies(id as number);
      expect(one).to.deep.equal(two);
      expect(rest).to.deep.equal([]);
    });
  });

  describe('replyOutOfOrder', () => {
    it('answers right after the reply to the next request', async () => {
      const client = await introduced(new FaultyAppServer().on('thread/list').replyOutOfOrder());

      const first = client.request('thread/list');
      const second = client.request('thread/loaded/list');
      await client.until(() => client.replies(first)[0]);

      expect(client.messages.slice(-2).map(({ id }) => id)).to.deep.equal([second, first]);
    });
  });

  describe('reject', () => {
    it('answers with the error and does not carry the request out', async () => {
      const faulty = new FaultyAppServer().on('thread/start').reject(-32602, 'bad', { why: 1 });
      const client = await introduced(faulty);

      const { error } = await client.call('thread/start');

      expect(error).to.deep.equal({ code: -32602, message: 'bad', data: { why: 1 } });
      expect((await client.call('thread/loaded/list')).result.data).to.deep.equal([]);
    });
  });

  describe('overloaded', () => {
    it('refuses so many times, then carries the request out', async () => {
      const client = await introduced(new FaultyAppServer().on('thread/list').overloaded(2));

      const first = await client.call('thread/list');
      const second = await client.call('thread/list');
      const third = await client.call('thread/list');

      const error = { code: -32001, message: 'Server overloaded; retry later.' };
      expect(first.error).to.deep.equal(error);
      expect(second.error).to.deep.equal(error);
      expect(third.result.data).to.deep.equal([]);
    });
  });

  describe('answer', () => {
    it('answers a method that is not implemented here', async () => {
      const client = await introduced(
        new FaultyAppServer().on('thread/goal/get').answer({ goal: null }),
      );

      expect((await client.call('thread/goal/get')).result).to.deep.equal({ goal: null });
    });

    it('answers what fits no protocol when asked for anything', async () => {
      const client = await introduced(new FaultyAppServer().on('thread/list').answerAnything('?'));

      expect((await client.call('thread/list')).result).to.equal('?');
    });
  });

  describe('extraFields', () => {
    it('adds keys to the reply and keeps what belongs there', async () => {
      const client = await introduced(new FaultyAppServer().on('thread/start').extraFields());

      const { result } = await client.call('thread/start');

      expect(result).to.have.property('faultyUnknown');
      expect(result.thread).to.have.property('faultyUnknown');
      expect(result.thread.status).to.include({ type: 'idle' });
    });
  });

  describe('exit', () => {
    it('comes before the request is carried out', async () => {
      const client = new InMemoryClient(new FaultyAppServer().on('turn/start').exit(3));
      const threadId = await client.begin();

      const id = client.request('turn/start', { threadId, input: [] });
      const error = await client.end();

      expect(error).to.include({ code: 'process-exited', exitCode: 3, signal: null });
      expect(client.replies(id)).to.deep.equal([]);
    });

    it('comes right after the reply when told so', async () => {
      const faulty = new FaultyAppServer().on('turn/start', { when: 'after' }).exit(3);
      const client = new InMemoryClient(faulty);
      const threadId = await client.begin();

      const id = client.request('turn/start', { threadId, input: [] });
      await client.end();

      expect(client.replies(id)).to.have.length(1);
      expect(client.methods).not.to.include('turn/started');
    });
  });

  describe('kill', () => {
    it('ends the link as SIGKILL does, with the tail of standard error', async () => {
      const faulty = new FaultyAppServer()
        .on('thread/start')
        .floodStderr(100_000)
        .on('thread/start')
        .kill();
      const client = await introduced(faulty);

      client.request('thread/start');
      const error = await client.end();

      expect(error).to.include({ code: 'process-exited', exitCode: null, signal: 'SIGKILL' });
      expect(error.stderrTail).to.have.length(65_536);
    });
  });

  describe('what stands between messages', () => {
    it('is garbage, blank lines and half a line', async () => {
      const faulty = new FaultyAppServer()
        .on('thread/list')
        .garbage('<!>')
        .on('thread/list')
        .blankLines(2)
        .on('thread/list')
        .raw('half ');
      const client = await introduced(faulty);
      const from = client.lines.length;

      client.request('thread/list');
      await client.until(() => client.lines[from + 3]);

      const [garbage, blank, another, torn] = client.lines.slice(from);
      expect([garbage, blank, another]).to.deep.equal(['<!>', '', '']);
      expect(torn).to.match(/^half \{"id":2,"result":/);
    });

    it('is one frame of exactly the size asked for', async () => {
      const client = await introduced(new FaultyAppServer().on('thread/list').hugeFrame(3_000_000));

      await client.call('thread/list');

      const [warning] = client.told('warning');
      const line = client.lines.find((one) => one.length > 1000);
      expect(Buffer.byteLength(line ?? '')).to.equal(3_000_000);
      expect(warning?.params.threadId).to.equal(null);
    });

    it('is what no protocol knows', async () => {
      const faulty = new FaultyAppServer()
        .on('thread/list')
        .unknownNotification()
        .on('thread/list')
        .unknownServerRequest();
      const client = await introduced(faulty);

      await client.call('thread/list');
      const asked = client.messages.find(({ method }) => method === 'faulty/unknownRequest');
      client.send({ id: asked?.id, error: { code: -32601, message: 'unknown' } });
      await client.call('thread/list');

      expect(client.methods).to.include('faulty/unknownNotification');
      const reply = faulty.received.find(({ message }) => message?.error);
      expect(reply?.message).to.deep.equal({ id: 0, error: { code: -32601, message: 'unknown' } });
    });

    it('is any notification', async () => {
      const faulty = new FaultyAppServer()
        .on('account/login/start', { when: 'after' })
        .notify('account/login/completed', {
          loginId: 'l',
          success: false,
          error: 'denied',
          onboardingEntrypoint: null,
        });
      const client = await introduced(faulty);

      await client.call('account/login/start', { type: 'chatgpt' });

      const { params } = await client.next('account/login/completed');
      expect(params).to.include({ loginId: 'l', error: 'denied' });
    });
  });

  describe('freeze', () => {
    it('leaves a server that reads on and neither does nor says anything more', async () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().freeze().waitFor('later'));
      const client = new InMemoryClient(faulty);
      await client.startTurn(await client.begin());
      await client.next('item/completed');
      const later = faulty.gate('later').reached.then(() => 'reached');

      const id = client.request('thread/loaded/list');
      await faulty.whenReceived('thread/loaded/list');

      expect(await Promise.race([later, settled()])).to.equal('settled');
      expect(client.replies(id)).to.deep.equal([]);
      await client.transport.close();
      expect(client.closedBy?.code).to.equal('closed');
    });
  });

  describe('closeStdout', () => {
    it('ends the link', async () => {
      const client = await introduced(new FaultyAppServer().on('thread/list').closeStdout());

      client.request('thread/list');

      expect((await client.end()).code).to.equal('closed');
    });
  });

  describe('stopReadingStdin', () => {
    it('lets 64 KiB be sent and no more', async () => {
      const faulty = new FaultyAppServer().on('thread/list').stopReadingStdin();
      const client = await introduced(faulty);
      await client.call('thread/list');

      await client.transport.send('x'.repeat(65_535));
      const stuck = client.transport.send('y');
      await client.transport.close();

      const error: unknown = await stuck.catch((reason: unknown) => reason);
      expect(error).to.include({ code: 'closed' });
      expect(faulty.received.some(({ malformed }) => malformed)).to.equal(false);
    });
  });
});
