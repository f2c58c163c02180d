import { expect } from 'chai';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
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
  expect(params.turn).to.include({ status: 'completed', itemsView: 'summary' });
  expect(params.turn.items[0]).to.include({ text: 'Hello brave new world' });
  expect(client.told('item/completed')[0]?.params.item).to.include({ clientId: 'mine' });
}

describe('FaultyAppServer', () => {
  it('plays a turn in the documented order in memory', async () => {
    await playDefaultTurn(new InMemoryClient(new FaultyAppServer()));
  });

  it('plays a turn in the documented order as a program', async () => {
    const client = new ProgramClient(new FaultyAppServer());

    await playDefaultTurn(client);
    client.child.stdin.end();

    expect(await client.end()).to.deep.equal({ code: 0, signal: null });
  });

  it('carries a request out whose reply it drops', async () => {
    const faulty = new FaultyAppServer().on('turn/start', { nth: 1 }).dropReply();
    const client = new InMemoryClient(faulty);
    const threadId = await client.begin();

    const id = client.request('turn/start', { threadId, input: [] });
    await client.next('turn/completed');

    expect(client.replies(id)).to.deep.equal([]);
    expect(faulty.requests('turn/start')).to.have.length(1);
  });

  it('neither carries out nor answers a stalled request', async () => {
    const client = new InMemoryClient(new FaultyAppServer().on('turn/start').stall());
    const threadId = await client.begin();

    const id = client.request('turn/start', { threadId, input: [] });
    await client.call('thread/loaded/list');

    expect(client.replies(id)).to.deep.equal([]);
    expect(client.methods).not.to.include('turn/started');
  });

  it('dies by SIGKILL when told to', async () => {
    const client = new ProgramClient(new FaultyAppServer().on('thread/start').kill());
    await client.handshake();

    client.request('thread/start');

    expect(await client.end()).to.deep.equal({ code: null, signal: 'SIGKILL' });
  });

  it('says garbage when told to', async () => {
    const client = new InMemoryClient(new FaultyAppServer().on('thread/start').garbage('<!>'));

    await client.begin();

    expect(client.lines).to.include('<!>');
  });
});
