import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ClientRequests, ServerNotifications } from '../../lib/protocol/index.js';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import type { FaultyAnswer, FaultyCalls } from '../../lib/testing/faulty-session.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import type { FaultyWire } from '../../lib/testing/faulty-wire.js';
import { InMemoryClient, ProgramClient, type RawClient } from './raw-client.js';

const defaultTurn = [
  'thread/status/changed',
  'turn/started',
  'item/started',
  'item/completed',
  'item/started',
  'item/agentMessage/delta',
  'item/agentMessage/delta',
  'item/completed',
  'thread/tokenUsage/updated',
  'account/rateLimits/updated',
  'thread/readState/changed',
  'thread/status/changed',
  'turn/completed',
];

async function playDefaultTurn(client: RawClient): Promise<void> {
  const threadId = await client.begin();
  const from = client.messages.length;

  const { result } = await client.startTurn(threadId, 'hi', { clientUserMessageId: 'mine' });
  const { params } = await client.next('turn/completed');

  const [reply, ...rest] = client.messages.slice(from);
  expect(reply?.result).to.deep.equal(result);
  expect(result.turn).to.include({ status: 'inProgress', startedAt: null });
  expect(rest.map(({ method }) => method)).to.deep.equal(defaultTurn);
  expect(params.turn).to.include({ status: 'completed', itemsView: 'summary', id: result.turn.id });
  expect(params.turn.items[0]).to.include({ text: 'Hello brave new world' });
  expect(client.told('item/completed')[0]?.params.item).to.include({ clientId: 'mine' });
}

type IsSame<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

describe('FaultyAppServer', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(homedir(), '.codex-threads-spec-'));
  });

  afterEach(async () => {
    const left = await ProgramClient.endAll();
    await rm(directory, { recursive: true });
    expect(left).to.deep.equal([]);
  });

  describe('without faults', () => {
    it('plays a turn in the documented order in memory', async () => {
      await playDefaultTurn(new InMemoryClient(new FaultyAppServer()));
    });

    it('plays a turn in the documented order as a program', async () => {
      const client = new ProgramClient(new FaultyAppServer());

      await playDefaultTurn(client);

      expect(await client.leave()).to.deep.equal({ code: 0, signal: null });
    });

    it('answers with what the generated protocol says, proven by the compiler', () => {
      type Answers = { [M in keyof FaultyCalls]-?: ReturnType<NonNullable<FaultyCalls[M]>> };
      type Documented = { [M in keyof ClientRequests]: FaultyAnswer<ClientRequests[M]['result']> };
      const answers: IsSame<Answers, Documented> = true;
      type Told = Parameters<FaultyWire['notify']>[0];
      const told: IsSame<Told, keyof ServerNotifications> = true;
      new FaultyTurn().notify('thread/archived', { threadId: 't' });
      // @ts-expect-error -- a notification that is not the protocol's does not compile
      new FaultyTurn().notify('thread/archived', { thread: 't' });
      // @ts-expect-error -- a reply that is not the protocol's does not compile
      const wrong: FaultyCalls = { 'account/logout': () => ({ result: { loggedOut: true } }) };
      // @ts-expect-error -- nor does a misspelt method
      new FaultyAppServer().on('turn/strat').stall();
      expect({ answers, told, wrong }).to.include({ answers: true, told: true });
    });
  });

  describe('what it received', () => {
    it('is every line of all connections in memory', async () => {
      const faulty = new FaultyAppServer();
      const [first, second] = [new InMemoryClient(faulty), new InMemoryClient(faulty)];
      await first.handshake();
      await second.handshake();

      first.sendText('nonsense');
      await first.call('thread/list', { limit: 3 });

      expect(faulty.received.map(({ generation }) => generation)).to.deep.equal([1, 1, 2, 2, 1, 1]);
      expect(faulty.received[4]).to.deep.equal({
        generation: 1,
        message: null,
        malformed: 'nonsense',
      });
      expect(faulty.requests('thread/list')).to.deep.equal([{ limit: 3 }]);
      expect(faulty.starts.map(({ pid }) => pid)).to.deep.equal([null, null]);
    });

    it('is every line of all programs that share its directory', async () => {
      const faulty = new FaultyAppServer().inDirectory(directory);
      const [first, second] = [
        new ProgramClient(faulty, ['app-server', '-c', 'a=1']),
        new ProgramClient(faulty),
      ];
      const id = await first.begin();
      await first.playTurn(id, 'exactly once');
      await second.handshake();
      first.child.stdin.end();
      second.child.stdin.end();
      await first.end();
      await second.end();

      expect(faulty.requests('turn/start')).to.deep.equal([
        { threadId: id, input: [{ type: 'text', text: 'exactly once' }] },
      ]);
      const pids = faulty.starts.map(({ pid }) => pid);
      expect(pids).to.have.members([first.child.pid, second.child.pid]);
      const args = faulty.starts.find(({ pid }) => pid === first.child.pid)?.args;
      expect(args).to.deep.equal(['app-server', '-c', 'a=1']);
    });

    it('can be awaited', async () => {
      const faulty = new FaultyAppServer().on('thread/start').stall().inDirectory(directory);
      const client = new ProgramClient(faulty);
      await client.handshake();

      const received = faulty.whenReceived('thread/start', 2);
      client.request('thread/start', { model: 'a' });
      client.request('thread/start', { model: 'b' });

      expect((await received).message?.params).to.deep.equal({ model: 'b' });
      await client.leave();
    });
  });

  describe('a gate', () => {
    it('holds a turn in memory until it is opened', async () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().waitFor('go').message('Gone'));
      const client = new InMemoryClient(faulty);
      await client.startTurn(await client.begin());

      await faulty.gate('go').reached;
      const before = client.methods.includes('item/agentMessage/delta');
      faulty.gate('go').open();
      await client.next('turn/completed');

      expect(before).to.equal(false);
    });

    it('holds a turn of the program until it is opened', async () => {
      const faulty = new FaultyAppServer()
        .plays(new FaultyTurn().waitFor('go').message('Gone'))
        .inDirectory(directory);
      const client = new ProgramClient(faulty);
      await client.startTurn(await client.begin());

      await faulty.gate('go').reached;
      const before = client.methods.includes('item/agentMessage/delta');
      faulty.gate('go').open();
      await client.next('turn/completed');

      expect(before).to.equal(false);
      await client.leave();
    });

    it('lets everything through that comes after it was opened', async () => {
      const faulty = new FaultyAppServer().plays(new FaultyTurn().waitFor('go'));
      faulty.gate('go').open();
      const client = new InMemoryClient(faulty);

      const { params } = await client.playTurn(await client.begin());

      expect(params.turn.status).to.equal('completed');
    });
  });
});
