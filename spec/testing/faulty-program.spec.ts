import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { ProgramClient } from './raw-client.js';

describe('FaultyProgram', function () {
  // Each spec starts a process or two.
  this.timeout(20_000);
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(homedir(), '.codex-threads-spec-'));
  });

  afterEach(async () => {
    const left = await ProgramClient.endAll();
    await rm(directory, { recursive: true });
    expect(left).to.deep.equal([]);
  });

  it('prints its version', async () => {
    const faulty = new FaultyAppServer().version('codex-cli 1.2.3');
    const client = new ProgramClient(faulty, ['--version']);

    expect(await client.end()).to.deep.equal({ code: 0, signal: null });
    expect(client.lines).to.deep.equal(['codex-cli 1.2.3']);
  });

  it('refuses other arguments as codex does', async () => {
    const client = new ProgramClient(new FaultyAppServer(), ['exec']);

    expect(await client.end()).to.deep.equal({ code: 2, signal: null });
    expect(client.stderr).to.include("unexpected argument 'exec'");
  });

  it('ends by SIGTERM with exit code 0 and an end record of its turn', async () => {
    const faulty = new FaultyAppServer().plays(new FaultyTurn().silence()).inDirectory(directory);
    const client = new ProgramClient(faulty);
    const threadId = await client.begin();
    await client.startTurn(threadId);
    await client.next('item/completed');

    client.child.kill('SIGTERM');
    const end = await client.end();

    expect(end).to.deep.equal({ code: 0, signal: null });
    const second = new ProgramClient(faulty);
    await second.handshake();
    const { result } = await second.call('thread/turns/list', { threadId });
    await second.leave();
    expect(result.data[0]?.status).to.equal('interrupted');
    expect(result.data[0]?.completedAt).to.be.a('number');
  });

  it('dies mid-turn, and the next process goes on with the thread', async () => {
    const faulty = new FaultyAppServer()
      .plays(new FaultyTurn().message('part', { completion: 'missing' }).kill(), { generation: 1 })
      .inDirectory(directory);
    const first = new ProgramClient(faulty);
    const threadId = await first.begin();
    await first.startTurn(threadId, 'hi', { clientUserMessageId: 'mine' });
    const end = await first.end();
    const second = new ProgramClient(faulty);
    await second.handshake();

    const { result } = await second.call('thread/turns/list', { threadId });
    const resumed = await second.call('thread/resume', { threadId, excludeTurns: true });
    const { params } = await second.playTurn(threadId);
    await second.leave();

    expect(end).to.deep.equal({ code: null, signal: 'SIGKILL' });
    expect(first.told('item/agentMessage/delta')).to.have.length(2);
    expect(result.data[0]).to.include({ status: 'interrupted', completedAt: null });
    expect(result.data[0]?.items[0]).to.include({ clientId: 'mine' });
    expect(resumed.result.thread.id).to.equal(threadId);
    expect(params.turn.status).to.equal('completed');
    expect(faulty.requests('turn/start')).to.have.length(2);
  });

  it('keeps a thread from other processes as long as it lives', async () => {
    const faulty = new FaultyAppServer().inDirectory(directory);
    const [first, second] = [new ProgramClient(faulty), new ProgramClient(faulty)];
    const threadId = await first.begin();
    await first.playTurn(threadId);
    await second.handshake();

    const busy = await second.call('thread/resume', { threadId });
    await first.kill();
    const free = await second.call('thread/resume', { threadId });
    await second.leave();

    expect(busy.error.message).to.equal(`thread ${threadId} already has an active writer`);
    expect(free.result.thread.id).to.equal(threadId);
  });

  it('ends with the code told, before the request is carried out', async () => {
    const client = new ProgramClient(new FaultyAppServer().on('thread/start').exit(3));
    await client.handshake();

    const id = client.request('thread/start');

    expect(await client.end()).to.deep.equal({ code: 3, signal: null });
    expect(client.replies(id)).to.deep.equal([]);
  });

  it('has written its reply when it ends after it', async () => {
    const faulty = new FaultyAppServer().on('thread/start', { when: 'after' }).kill();
    const client = new ProgramClient(faulty);
    await client.handshake();

    const id = client.request('thread/start');

    expect(await client.end()).to.deep.equal({ code: null, signal: 'SIGKILL' });
    expect(client.replies(id)).to.have.length(1);
    expect(client.methods).not.to.include('thread/started');
  });

  it('leaves half a line behind', async () => {
    const faulty = new FaultyAppServer()
      .on('thread/start')
      .raw('{"id":2,"resu')
      .on('thread/start')
      .exit(0);
    const client = new ProgramClient(faulty);
    await client.handshake();

    client.request('thread/start');
    await client.end();

    expect(client.partial).to.equal('{"id":2,"resu');
  });

  it('floods standard error', async () => {
    const faulty = new FaultyAppServer().on('thread/start').floodStderr(1_000_000);
    const client = new ProgramClient(faulty);

    await client.begin();
    await client.leave();

    expect(client.stderr).to.have.length(1_000_000);
  });

  it('says on standard error what it could not read', async () => {
    const client = new ProgramClient(new FaultyAppServer());
    await client.handshake();

    client.sendText('nonsense');
    await client.call('thread/loaded/list');
    await client.leave();

    expect(client.stderr).to.equal('Failed to deserialize JSONRPCMessage: nonsense\n');
  });

  it('writes frames of any size', async () => {
    const faulty = new FaultyAppServer().on('thread/start').hugeFrame(5_000_000);
    const client = new ProgramClient(faulty);

    await client.begin();
    await client.leave();

    expect(client.lines.map((line) => line.length)).to.include(5_000_000);
  });

  it('takes lines of any size', async () => {
    const faulty = new FaultyAppServer().inDirectory(directory);
    const client = new ProgramClient(faulty);
    await client.handshake();
    const searchTerm = 'Grüße 👋'.repeat(50_000);

    const { result } = await client.call('thread/list', { searchTerm });
    await client.leave();

    expect(result.data).to.deep.equal([]);
    expect(faulty.requests('thread/list')).to.deep.equal([{ searchTerm }]);
  });

  it('writes byte by byte', async () => {
    const faulty = new FaultyAppServer().splitUtf8().plays(new FaultyTurn().message('Grüße 👋'));
    const client = new ProgramClient(faulty);
    let chunks = 0;
    client.child.stdout.on('data', () => (chunks += 1));

    const { params } = await client.playTurn(await client.begin());
    await client.leave();

    expect(params.turn.items[0]).to.include({ text: 'Grüße 👋' });
    expect(chunks).to.be.greaterThan(client.lines.length);
  });

  it('ignores SIGTERM when told to', async () => {
    const client = new ProgramClient(new FaultyAppServer().ignoreSigterm());
    await client.handshake();

    client.child.kill('SIGTERM');
    // The first reply may be quicker than the signal.
    await client.call('thread/loaded/list');
    const reply = await client.call('thread/loaded/list');
    client.child.stdin.end();

    expect(reply.result.data).to.deep.equal([]);
    expect(await client.end()).to.deep.equal({ code: 0, signal: null });
  });

  it('ignores the end of standard input when told to', async () => {
    const faulty = new FaultyAppServer()
      .ignoreStdinEnd()
      .plays(new FaultyTurn().waitFor('one').waitFor('two').waitFor('three'))
      .inDirectory(directory);
    const client = new ProgramClient(faulty);
    await client.startTurn(await client.begin());

    client.child.stdin.end();
    // The end may be slower than the first gates.
    for (const name of ['one', 'two', 'three']) {
      await faulty.gate(name).reached;
      faulty.gate(name).open();
    }
    await client.next('turn/completed');
    client.child.kill('SIGTERM');

    expect(await client.end()).to.deep.equal({ code: 0, signal: null });
  });

  it('lives on when it has closed standard output', async () => {
    const faulty = new FaultyAppServer().on('thread/start').closeStdout().inDirectory(directory);
    const client = new ProgramClient(faulty);
    await client.handshake();
    const said = client.lines.length;

    const closed = new Promise((done) => client.child.stdout.once('end', done));
    client.request('thread/start');
    await closed;
    client.request('thread/loaded/list');
    await faulty.whenReceived('thread/loaded/list');

    expect(await client.leave()).to.deep.equal({ code: 0, signal: null });
    const later = client.lines.slice(said).filter((line) => !line.includes('remoteControl/'));
    expect(later).to.deep.equal([]);
  });

  it('lets the pipe fill when it stops reading', async () => {
    const faulty = new FaultyAppServer()
      .plays(new FaultyTurn().stopReadingStdin().waitFor('one').waitFor('two'))
      .inDirectory(directory);
    const client = new ProgramClient(faulty);
    await client.startTurn(await client.begin());
    await faulty.gate('one').reached;

    client.request('thread/loaded/list');
    const written = new Promise((done) =>
      client.child.stdin.write('x'.repeat(8_000_000), (error) => {
        done(error ? 'never' : 'taken');
      }),
    );
    for (const name of ['one', 'two']) {
      faulty.gate(name).open();
      await faulty.gate(name).reached;
    }
    await client.next('turn/completed');
    client.child.kill('SIGTERM');

    expect(await client.end()).to.deep.equal({ code: 0, signal: null });
    expect(await written).to.equal('never');
    expect(faulty.requests('thread/loaded/list')).to.deep.equal([]);
  });

  it('ends by itself after its lifetime, whatever it ignores', async () => {
    const client = new ProgramClient(
      new FaultyAppServer().ignoreSigterm().ignoreStdinEnd().lifetime(1),
    );

    expect(await client.end()).to.deep.equal({ code: 0, signal: null });
  });

  it('counts its generations', async () => {
    const faulty = new FaultyAppServer()
      .on('thread/list', { generation: 2 })
      .reject(-1, 'no')
      .inDirectory(directory);
    const first = new ProgramClient(faulty);
    await first.handshake();
    const second = new ProgramClient(faulty);
    await second.handshake();

    const one = await first.call('thread/list');
    const two = await second.call('thread/list');
    for (const { child } of [first, second]) child.stdin.end();
    await first.end();
    await second.end();

    expect(one).not.to.have.property('error');
    expect(two.error.code).to.equal(-1);
    expect(faulty.starts.map(({ generation }) => generation)).to.deep.equal([1, 2]);
  });
});
