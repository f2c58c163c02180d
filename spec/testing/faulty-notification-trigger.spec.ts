import { expect } from 'chai';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { InMemoryClient } from './raw-client.js';

describe('FaultyNotificationTrigger', () => {
  async function played(faulty: FaultyAppServer): Promise<InMemoryClient> {
    const client = new InMemoryClient(faulty);
    await client.playTurn(await client.begin());
    return client;
  }

  it('drops the notification', async () => {
    const client = await played(new FaultyAppServer().onNotification('item/started').drop());

    expect(client.methods).not.to.include('item/started');
    expect(client.told('item/completed')).to.have.length(2);
  });

  it('duplicates the notification', async () => {
    const client = await played(
      new FaultyAppServer().onNotification('item/started', { nth: 2 }).duplicate(),
    );

    expect(client.told('item/started').map(({ params }) => params.item.type)).to.deep.equal([
      'userMessage',
      'agentMessage',
      'agentMessage',
    ]);
  });

  it('holds the notification until the gate opens', async () => {
    const faulty = new FaultyAppServer().onNotification('turn/started').holdUntil('go');
    const client = await played(faulty);
    const before = client.methods.includes('turn/started');

    faulty.gate('go').open();
    await client.until(() => client.told('turn/started')[0]);

    expect(before).to.equal(false);
    expect(client.methods.at(-1)).to.equal('turn/started');
  });

  it('adds keys to the notification', async () => {
    const client = await played(new FaultyAppServer().onNotification('turn/started').extraFields());

    expect(client.told('turn/started')[0]?.params.turn).to.have.property('faultyUnknown');
    expect(client.told('turn/completed')[0]?.params.turn).not.to.have.property('faultyUnknown');
  });

  it('dies mid-stream, right after the first delta', async () => {
    const faulty = new FaultyAppServer()
      .onNotification('item/agentMessage/delta', { nth: 1, when: 'after' })
      .kill();
    const client = new InMemoryClient(faulty);
    await client.startTurn(await client.begin());

    await client.end();

    expect(client.methods.at(-1)).to.equal('item/agentMessage/delta');
    expect(client.told('item/agentMessage/delta')).to.have.length(1);
  });

  it('says something before the notification', async () => {
    const client = await played(
      new FaultyAppServer().onNotification('turn/started').garbage('<!>'),
    );

    const at = client.lines.indexOf('<!>');
    expect(client.lines[at + 1]).to.include('"method":"turn/started"');
  });
});

describe('FaultyAppServer as a whole', () => {
  it('refuses the handshake', async () => {
    const client = new InMemoryClient(new FaultyAppServer().refuseHandshake('not today'));

    expect((await client.handshake()).error).to.deep.equal({ code: -32600, message: 'not today' });
  });

  it('never answers the handshake', async () => {
    const faulty = new FaultyAppServer().hangHandshake();
    const client = new InMemoryClient(faulty);

    client.request('initialize', { clientInfo: { name: 'a', version: '1', title: null } });
    await faulty.whenReceived('initialize');
    await client.transport.close();

    expect(client.lines).to.deep.equal([]);
  });

  it('sends every notification twice', async () => {
    const client = new InMemoryClient(new FaultyAppServer().duplicateNotifications());
    await client.playTurn(await client.begin());
    await client.until(() => client.told('turn/completed')[1]);

    expect(client.told('turn/started')).to.have.length(2);
    expect(client.told('item/started')).to.have.length(4);
  });

  it('adds keys to everything it says', async () => {
    const client = new InMemoryClient(new FaultyAppServer().extraFields());
    await client.playTurn(await client.begin());

    for (const message of client.messages) expect(message).to.have.property('faultyUnknown');
    expect(client.told('item/completed')[0]?.params.item).to.have.property('faultyUnknown');
  });

  it('says whole lines also when it writes byte by byte', async () => {
    const faulty = new FaultyAppServer().splitUtf8().plays(new FaultyTurn().message('Grüße 👋'));
    const client = new InMemoryClient(faulty);

    const { params } = await client.playTurn(await client.begin());

    expect(params.turn.items[0]).to.include({ text: 'Grüße 👋' });
  });
});
