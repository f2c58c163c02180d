import { expect } from 'chai';
import {
  Codex,
  OutcomeUnknownError,
  TransportError,
  TurnLostError,
  type CodexOptionsRecord,
} from '../../../lib/index.js';
import {
  FaultyTransport,
  Gate,
  ReplayTransport,
  ScriptedReply,
} from '../../../lib/testing/index.js';
import { failure } from '../../outcomes.js';
import { OfflineCodex } from '../../offline-codex.js';
import { noProcessLeft } from '../../root-hooks.js';
import { recorded } from './recorded-scenes.js';

describe('FaultyTransport', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let transport: FaultyTransport;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Done.'));
  });

  beforeEach(() => {
    transport = new FaultyTransport();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function client(options: CodexOptionsRecord = {}): Codex {
    return offline.client({ transport, ...options });
  }

  describe('without a fault', () => {
    it('passes all messages on, and logs those of the client', async () => {
      await using codex = client();

      const { finalResponse } = await codex.startThread().run('Go');

      expect(finalResponse).to.equal('Done.');
      expect(transport.requests('turn/start')).to.have.length(1);
      expect(transport.received[0]).to.have.nested.property('message.method', 'initialize');
      expect(transport.connections).to.equal(1);
      expect((await codex.doctor()).binary).to.be.a('string');
    });
  });

  describe('a fault', () => {
    it('applies to the nth request, as often as specified', async () => {
      await using codex = client();
      transport.on('model/list', { nth: 2, times: 2 }).reject(-32600, 'no');

      const ends: string[] = [];
      for (let at = 0; at < 4; at += 1) {
        const [{ status }] = await Promise.allSettled([codex.models()]);
        ends.push(status);
      }

      expect(ends).to.deep.equal(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    });

    it('applies to one connection', async () => {
      await using codex = client();
      transport
        .on('thread/loaded/list', { generation: 1 })
        .kill()
        .on('model/list', { generation: 2 })
        .kill();
      await codex.models();
      await failure(codex.loadedThreads());

      const error = await failure(codex.models());

      expect(error).to.include({ code: 'process-exited', signal: 'SIGKILL' });
      expect(await codex.models()).not.to.have.length(0);
      expect(transport.connections).to.equal(3);
    });

    it('applies to messages with these params', async () => {
      await using codex = client();
      transport
        .on('thread/name/set', { where: ({ name }: { name: string }) => name === 'bad' })
        .reject(-32600, 'a bad name');
      const thread = codex.startThread();
      await thread.run('Go');

      await thread.setName('good');

      expect(await failure(thread.setName('bad'))).to.include({ serverMessage: 'a bad name' });
    });
  });

  describe('of a request', () => {
    it('does not reach the server (stall)', async () => {
      await using codex = client();
      transport.on('turn/start', { nth: 1 }).stall();
      const thread = codex.startThread();

      const error = await failure(thread.run('Go', { timeouts: { ackMs: 200 } }));

      expect(error).to.be.instanceOf(OutcomeUnknownError);
      expect(await (error as OutcomeUnknownError).reconcile()).to.deep.equal({ status: 'absent' });
    });

    it('gets a reply without the server (answer)', async () => {
      await using codex = client();
      transport.on('thread/loaded/list').answer({ data: ['made up'], nextCursor: null });
      await codex.warmUp();

      expect(await codex.loadedThreads()).to.deep.equal(['made up']);
    });

    it('waits for a gate (delayUntil)', async () => {
      await using codex = client();
      const gate = new Gate();
      transport.on('thread/start', { nth: 1 }).delayUntil(gate);
      await codex.warmUp();
      const opened = codex.startThread().open();
      await gate.reached;

      await codex.startThread().open();
      gate.open();

      expect(await opened).to.be.a('string');
    });

    it('reaches the server with changes (edit)', async () => {
      await using codex = client();
      transport.on('thread/name/set').edit((params) => ({ ...params, name: 'Other' }));
      const thread = codex.startThread();
      await thread.run('Go');

      await thread.setName('One');

      expect(await thread.read()).to.include({ name: 'Other' });
      expect(transport.requests('thread/name/set')).to.have.nested.property('[0].name', 'One');
    });

    it('is refused for overload, then passes (overloaded)', async () => {
      await using codex = client();
      transport.on('model/list').overloaded(2);

      expect(await codex.models()).not.to.have.length(0);
      expect(transport.requests('model/list')).to.have.length(3);
    });
  });

  describe('of a reply', () => {
    it('is lost (dropReply)', async () => {
      await using codex = client();
      transport.on('turn/start').dropReply();

      expect((await codex.startThread().run('Go')).finalResponse).to.equal('Done.');
    });

    it('is repeated (replyTwice)', async () => {
      await using codex = client();
      transport.on('thread/start').replyTwice();

      expect((await codex.startThread().run('Go')).finalResponse).to.equal('Done.');
    });

    it('arrives after the next one (replyOutOfOrder)', async () => {
      await using codex = client();
      transport.on('thread/start', { nth: 1 }).replyOutOfOrder();

      const ids = await Promise.all([codex.startThread().open(), codex.startThread().open()]);

      expect(new Set(ids).size).to.equal(2);
    });

    it('waits for a gate (delayReplyUntil)', async () => {
      await using codex = client();
      const gate = new Gate();
      transport.on('thread/start', { nth: 1 }).delayReplyUntil(gate);
      const opened = codex.startThread().open();

      await gate.reached;
      gate.open();

      expect(await opened).to.be.a('string');
    });

    it('is changed (editReply)', async () => {
      await using codex = client();
      transport.on('initialize').editReply((info) => ({ ...info, userAgent: 'spec/9.9.9 (x)' }));

      expect((await codex.serverInfo()).userAgent).to.equal('spec/9.9.9 (x)');
    });
  });

  describe('of a message of the server', () => {
    it('is lost, repeated and changed', async () => {
      await using codex = client();
      transport
        .onMessage('turn/started')
        .drop()
        .onMessage('item/completed')
        .repeat()
        .onMessage('turn/completed')
        .edit(({ turn, ...rest }) => ({ ...rest, turn: { ...turn, durationMs: 77 } }));

      const turn = await codex.startThread().run('Go');

      expect(turn.durationMs).to.equal(77);
      expect(turn.items).to.have.length(2);
    });

    it('waits for a gate', async () => {
      await using codex = client();
      const gate = new Gate();
      transport.onMessage('turn/completed').holdUntil(gate);
      const run = codex.startThread().run('Go');

      await gate.reached;
      gate.open();

      expect((await run).finalResponse).to.equal('Done.');
    });

    it('can be combined with injected ones', async () => {
      await using codex = client();
      transport
        .onMessage('turn/started', { when: 'after' })
        .garbage('{"method":')
        .onMessage('turn/started')
        .notifyAnything('faulty/unknown', { a: 1 })
        .onMessage('turn/started', { when: 'after' })
        .requestAnything('faulty/question', {});

      const turn = await codex.startThread().run('Go');

      expect(turn.finalResponse).to.equal('Done.');
      const answers = transport.received.flatMap(({ message }) => message.error ?? []);
      expect(answers).to.deep.equal([
        { code: -32601, message: 'Method not found: faulty/question' },
      ]);
    });
  });

  it('is injected with params derived from those of the message', async () => {
    await using codex = client();
    transport
      .onMessage('turn/started')
      .notify('warning', ({ threadId, turn }) => ({ threadId, message: turn.id }))
      .on('thread/name/set')
      .notify('warning', ({ threadId, name }) => ({ threadId, message: name }));
    const warnings = codex.notifications({ methods: ['warning'] });
    const warned = [warnings.next(), warnings.next()];
    const thread = codex.startThread();

    const { threadId, turnId } = await thread.run('Go');
    await thread.setName('Named');

    const params = (await Promise.all(warned)).map(({ value }) => value?.params);
    expect(params).to.deep.equal([
      { threadId, message: turnId },
      { threadId, message: 'Named' },
    ]);
  });

  it('is removed with the log when the transport is reset', async () => {
    await using codex = client();
    transport.on('model/list').reject(-32600, 'no');
    await failure(codex.models());

    transport.reset();

    expect(transport.received).to.be.empty;
    expect(await codex.models()).not.to.have.length(0);
    expect(transport.requests('model/list')).to.have.length(1);
  });

  describe('of the connection', () => {
    it('kills the server', async () => {
      await using codex = client();
      transport.onMessage('turn/started', { nth: 1, generation: 1 }).kill();
      const thread = codex.startThread();

      const error = await failure(thread.run('Go'));

      expect(error).to.be.instanceOf(TurnLostError).and.include({ signal: 'SIGKILL' });
      expect((await thread.run('Go on')).finalResponse).to.equal('Done.');
    });

    it('freezes it: the client replaces the server', async function () {
      // The client waits 5 seconds for the interrupt, and again for a read.
      this.timeout(60_000);
      await using codex = client();
      transport.onMessage('turn/started', { nth: 1, generation: 1 }).freeze();
      const thread = codex.startThread();

      const timeouts = { ackMs: 300, totalMs: 300 };
      const error = await failure(thread.run('Go', { timeouts }));

      expect(error).to.have.property('code');
      expect((await codex.startThread().run('Go on')).finalResponse).to.equal('Done.');
    });

    it('cuts it', async () => {
      await using codex = client();
      transport.on('model/list', { generation: 1 }).cut();

      const error = await failure(codex.models());

      expect(error).to.be.instanceOf(TransportError);
      expect(error).to.include({ code: 'connection-lost', retryable: true });
      expect(await codex.models()).not.to.have.length(0);
    });
  });

  it('wraps any other transport, such as a replay', async () => {
    const { transcript } = await recorded([ScriptedReply.message('Recorded.')], async (codex) =>
      codex.startThread().run('Go'),
    );
    const replay = new FaultyTransport(new ReplayTransport(transcript));
    await using codex = new Codex({
      transport: replay.on('turn/start', { when: 'after' }).kill(),
    });

    const error = await failure(codex.startThread().run('Go'));

    expect(error).to.be.instanceOf(TurnLostError).and.include({ signal: 'SIGKILL' });
  });
});
