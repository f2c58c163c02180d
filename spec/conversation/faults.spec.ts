import { expect } from 'chai';
import sinon from 'sinon';
import {
  OutcomeUnknownError,
  RequestError,
  TransportError,
  TurnInterruptedError,
  retryOnOverload,
  telemetry,
  type StopReport,
  type Thread,
  type Turn,
  type TurnEvent,
  type TurnReconcileMessage,
} from '../../lib/index.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { failure } from '../failure.js';
import { fakeTime } from '../fake-time.js';
import { FaultyCodex } from '../faulty-codex.js';
import { noProcessLeft } from '../root-hooks.js';

type UnansweredMethod =
  'turn/start' | 'turn/interrupt' | 'thread/turns/list' | 'thread/loaded/list';

const usualAnswer = 'Hello brave new world';

async function eventsOf(turn: Turn): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of turn) events.push(event);
  return events;
}

describe('Over an app-server that misbehaves', function () {
  // Well below the 30 s that codex-rs is given to acknowledge: nothing here may wait for that.
  this.timeout(15_000);
  let codex: FaultyCodex;

  beforeEach(async () => {
    codex = await FaultyCodex.create();
  });

  afterEach(async () => {
    sinon.restore();
    await codex[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** Does what sends requests, and lets the time run out that codex-rs has to answer each. */
  async function unanswered<T>(act: () => Promise<T>, ...methods: UnansweredMethod[]): Promise<T> {
    const awaited = methods.map((method) => ({
      method,
      nth: codex.server.requests(method).length + 1,
    }));
    const clock = fakeTime('setTimeout', 'clearTimeout');
    const outcome = act();
    for (const { method, nth } of awaited) {
      await codex.server.whenReceived(method, nth);
      clock.tick(30_000);
    }
    clock.restore();
    return outcome;
  }

  async function lost(thread: Thread, input: string): Promise<OutcomeUnknownError> {
    const error = await unanswered(async () => failure(thread.run(input)), 'turn/start');
    return error as OutcomeUnknownError;
  }

  /** Nothing that codex-rs says of the thread's first turn arrives. */
  function loseEverySign(): void {
    codex.server.on('turn/start', { nth: 1, generation: 1 }).dropReply();
    codex.server.onNotification('turn/started', { nth: 1, generation: 1 }).drop();
    codex.server.onNotification('item/started', { nth: 1, generation: 1 }).drop();
    codex.server.onNotification('item/completed', { nth: 1, generation: 1 }).drop();
  }

  describe('the acknowledgement of a turn', () => {
    it('is turn/started when the reply is lost', async () => {
      codex.server.on('turn/start').dropReply();
      const thread = codex.client().startThread();

      expect((await thread.run('One')).finalResponse).to.equal(usualAnswer);
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(codex.server.requests('turn/start')).to.have.length(2);
    });

    it('is its own message when turn/started is lost too', async () => {
      codex.server.on('turn/start').dropReply().onNotification('turn/started').drop();
      const thread = codex.client().startThread();

      expect((await thread.run('One')).finalResponse).to.equal(usualAnswer);
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(codex.server.requests('turn/start')).to.have.length(2);
    });

    it('is turn/started, once the time for a better one is over, when its own message is lost too', async () => {
      codex.server
        .on('turn/start', { nth: 1 })
        .dropReply()
        .onNotification('item/started', { nth: 1 })
        .drop()
        .onNotification('item/completed', { nth: 1 })
        .drop();
      const client = codex.client();
      const thread = client.startThread();
      const over = client.notifications({ methods: ['turn/completed'] }).next();

      const clock = fakeTime('setTimeout', 'clearTimeout');
      const turn = thread.run('One');
      await over;
      clock.tick(30_000);
      clock.restore();

      expect((await turn).finalResponse).to.equal(usualAnswer);
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(codex.server.requests('turn/start')).to.have.length(2);
    });

    it('may come after the turn is over', async () => {
      codex.server.plays(new FaultyTurn().message('Early').acknowledged('afterCompleted'));
      const thread = codex.client().startThread();

      expect((await thread.run('One')).finalResponse).to.equal('Early');
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });

    it('may come twice', async () => {
      codex.server.on('turn/start').replyTwice();
      const thread = codex.client().startThread();

      expect((await thread.run('One')).finalResponse).to.equal(usualAnswer);
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });
  });

  describe('a turn without any acknowledgement', () => {
    it('has an unknown outcome; the history tells it, and nothing is sent twice', async () => {
      loseEverySign();
      const thread = codex.client().startThread();

      const error = await lost(thread, 'One');
      const outcome = await error.reconcile();

      expect(error).to.be.instanceOf(OutcomeUnknownError);
      expect(error.cause).to.include({ code: 'timeout' });
      expect(outcome).to.include({ status: 'found', turnStatus: 'completed' });
      expect(codex.server.requests('turn/start')).to.have.length(1);
    });

    it('is looked up in a new process when this one does not answer either', async () => {
      loseEverySign();
      codex.server.on('thread/turns/list', { generation: 1 }).dropReply();
      const thread = codex.client().startThread();
      const error = await lost(thread, 'One');

      const outcome = await unanswered(async () => error.reconcile(), 'thread/turns/list');

      expect(outcome).to.include({ status: 'found' });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(codex.server.requests('turn/start')).to.have.length(2);
    });

    it('holds the next turn only until a new process has told of it', async () => {
      loseEverySign();
      codex.server.on('thread/turns/list', { generation: 1 }).dropReply();
      const thread = codex.client().startThread();
      await lost(thread, 'One');

      const next = await unanswered(async () => thread.run('Two'), 'thread/turns/list');

      expect(next.finalResponse).to.equal(usualAnswer);
    });

    it('cannot be traced on an ephemeral thread, which goes on', async () => {
      loseEverySign();
      const thread = codex.client().startThread({ ephemeral: true });
      const error = await lost(thread, 'One');

      expect(await error.reconcile()).to.deep.equal({ status: 'untraceable' });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });

    it('is waited for by the next turn of the thread', async () => {
      loseEverySign();
      codex.server.plays(new FaultyTurn().waitFor('go').message('First'));
      const thread = codex.client().startThread();
      await lost(thread, 'One');

      const next = thread.run('Two');
      await codex.server.whenReceived('thread/turns/list');
      const sentBefore = codex.server.requests('turn/start').length;
      codex.server.gate('go').open();

      expect((await next).finalResponse).to.equal(usualAnswer);
      expect(sentBefore).to.equal(1);
      expect(codex.server.requests('turn/start')).to.have.length(2);
    });

    it('is absent from the history when codex-rs never took it', async () => {
      codex.server.on('turn/start', { nth: 2 }).stall();
      const thread = codex.client().startThread();
      await thread.run('One');

      const error = await lost(thread, 'Two');
      const told: TurnReconcileMessage[] = [];
      const stop = telemetry.turnReconcile.subscribe((message) => told.push(message));

      expect(await error.reconcile()).to.deep.equal({ status: 'absent' });
      stop();
      const { threadId, clientMessageId } = error;
      const nothing = { turnId: null, turnStatus: null };
      expect(told).to.deep.equal([{ threadId, clientMessageId, status: 'absent', ...nothing }]);
      expect((await thread.run('Three')).finalResponse).to.equal(usualAnswer);
    });

    it('is absent from a thread that has no history yet', async () => {
      codex.server.on('turn/start', { nth: 1 }).stall();
      const thread = codex.client().startThread();

      const error = await lost(thread, 'One');

      expect(await error.reconcile()).to.deep.equal({ status: 'absent' });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(codex.server.requests('thread/start')).to.have.length(1);
    });

    it('is looked up in the next process when the first one died with it', async () => {
      codex.server
        .on('turn/start', { generation: 1 })
        .dropReply()
        .onNotification('turn/started', { generation: 1 })
        .drop()
        .onNotification('item/started', { generation: 1 })
        .drop()
        .onNotification('item/completed', { generation: 1 })
        .kill();
      const thread = codex.client().startThread();

      const error = (await failure(thread.run('One'))) as OutcomeUnknownError;
      const outcome = await error.reconcile();

      expect(error.cause).to.include({ code: 'process-exited', signal: 'SIGKILL' });
      expect(outcome).to.include({ status: 'found', turnStatus: 'interrupted' });
      expect(codex.server.requests('turn/start')).to.have.length(1);
    });
  });

  describe('a stop that comes before the acknowledgement', () => {
    /** Stops the turn once it is sent, and lets the time run out in which the acknowledgement may come. */
    async function stoppedEarly(turn: Turn): Promise<{ error: unknown; report: StopReport }> {
      const outcome = failure(turn.result());
      await codex.server.whenReceived('turn/start');
      const clock = fakeTime('setTimeout', 'clearTimeout');
      const report = turn.interrupt();
      clock.tick(10_000);
      clock.restore();
      return { error: await outcome, report: await report };
    }

    it('leaves the outcome unknown when none comes, and the process alone', async () => {
      loseEverySign();
      const thread = codex.client().startThread();

      const { error, report } = await stoppedEarly(thread.runStreamed('One'));

      expect(error).to.be.instanceOf(OutcomeUnknownError);
      expect(report).to.deep.equal({
        acknowledged: false,
        commandsEnded: 0,
        processRecycled: false,
      });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });

    it('interrupts the turn whose start is the only sign of it', async () => {
      codex.server.on('turn/start', { nth: 1 }).dropReply();
      codex.server.onNotification('item/started', { nth: 1 }).drop();
      codex.server.onNotification('item/completed', { nth: 1 }).drop();
      codex.server.plays(new FaultyTurn().silence());
      const thread = codex.client().startThread();

      const { error, report } = await stoppedEarly(thread.runStreamed('One'));

      expect(error).to.be.instanceOf(TurnInterruptedError);
      expect(report).to.include({ acknowledged: true, processRecycled: false });
      expect(codex.server.requests('turn/interrupt')).to.have.length(1);
    });
  });

  describe('a server that goes silent in the middle of a turn', () => {
    it('is replaced by the interrupt, and the next turn runs on the new one', async () => {
      codex.server.plays(new FaultyTurn().message('Some').freeze(), { generation: 1 });
      const client = codex.client();
      const turn = client.startThread().runStreamed('One');
      const events = turn[Symbol.asyncIterator]();
      for (let event = await events.next(); event.value?.type !== 'text.delta';)
        event = await events.next();

      const report = await unanswered(
        async () => turn.interrupt(),
        'turn/interrupt',
        'thread/loaded/list',
      );

      expect(report).to.deep.equal({
        acknowledged: false,
        commandsEnded: 0,
        processRecycled: true,
      });
      expect(await failure(turn.result())).to.be.instanceOf(TurnInterruptedError);
      expect((await client.startThread().run('Two')).finalResponse).to.be.a('string');
    });
  });

  describe('noise', () => {
    it('in the middle of a turn is harmless', async () => {
      codex.server.plays(
        new FaultyTurn()
          .message('One')
          .garbage()
          .garbage('{"method":')
          .garbage('[]')
          .garbage('{"id":1}')
          .blankLines(3)
          .unknownNotification()
          .unknownItemType()
          .floodStderr(300_000)
          .message('Two'),
      );
      const thread = codex.client().startThread();

      const turn = await thread.run('Go');

      expect(turn.finalResponse).to.equal('Two');
      expect(turn.items.map(({ type }) => type as string)).to.deep.equal([
        'userMessage',
        'agentMessage',
        'faultyUnknownItem',
        'agentMessage',
      ]);
      expect((await thread.run('Again')).finalResponse).to.equal(usualAnswer);
    });

    it('of keys that no protocol type knows is harmless', async () => {
      codex.server.extraFields();

      const turn = await codex.client().startThread().run('Go');

      expect(turn.finalResponse).to.equal(usualAnswer);
      expect(turn.usage?.totalTokens).to.equal(106);
    });

    it('of an unknown request is answered with a refusal', async () => {
      codex.server.plays(new FaultyTurn().requestAnything('faulty/unknown').message('Done'));

      const turn = await codex.client().startThread().run('Go');

      expect(turn.finalResponse).to.equal('Done');
      expect(
        codex.server.received.flatMap(({ message }) => (message?.error ? [message.error] : [])),
      ).to.deep.equal([{ code: -32601, message: 'Method not found: faulty/unknown' }]);
    });

    it('of bytes that come one by one is put together', async () => {
      codex.server.splitUtf8().plays(new FaultyTurn().message('Grüße 👋'));

      expect((await codex.client().startThread().run('Go')).finalResponse).to.equal('Grüße 👋');
    });

    it('of notifications sent twice counts once', async () => {
      codex.server
        .duplicateNotifications()
        .plays(new FaultyTurn().message('Only once').command('ls', { output: ['a\n'] }));
      const turn = codex.client().startThread().runStreamed('Go');

      const events = await eventsOf(turn);
      const result = await turn.result();

      expect(result.finalResponse).to.equal('Only once');
      expect(result.items.map(({ type }) => type)).to.deep.equal([
        'userMessage',
        'agentMessage',
        'commandExecution',
      ]);
      expect(result.usage?.totalTokens).to.equal(106);
      expect(
        events.flatMap((event) => (event.type === 'text.replaced' ? [event.text] : [])),
      ).to.deep.equal(['Only once']);
      for (const type of ['turn.started', 'turn.completed'])
        expect(events.filter((event) => event.type === type)).to.have.length(1);
      for (const type of ['item.started', 'item.completed'])
        expect(events.filter((event) => event.type === type)).to.have.length(3);
    });

    it('of an item that completes after its turn changes neither that turn nor the next', async () => {
      codex.server.plays(
        new FaultyTurn().message('In time').message('Too late', { completion: 'late' }),
      );
      const thread = codex.client().startThread();

      const first = await thread.run('One');
      const second = await thread.run('Two');

      expect(first.finalResponse).to.equal('In time');
      expect(second.finalResponse).to.equal(usualAnswer);
      expect(second.items).to.have.length(2);
    });

    it('of an item that completes after its turn is left out also while labels are still being stored', async () => {
      codex.server
        .plays(new FaultyTurn().message('In time').message('Too late', { completion: 'late' }))
        .on('thread/attachment/add')
        .delayReplyUntil('stored');
      const client = codex.client();
      const heard = client.notifications({ methods: ['item/completed'] });
      const result = client.startThread({ labels: { team: 'payments' } }).run('One');

      for await (const { params } of heard)
        if (params.item.type === 'agentMessage' && params.item.text === 'Too late') break;
      codex.server.gate('stored').open();

      expect((await result).finalResponse).to.equal('In time');
    });

    it('of replies out of order reaches the right callers', async () => {
      codex.server.on('thread/start', { nth: 1 }).replyOutOfOrder();
      const client = codex.client();
      const [one, two] = [client.startThread(), client.startThread()];

      const ids = await Promise.all([one.open(), two.open()]);
      const turns = await Promise.all([one.run('One'), two.run('Two')]);

      expect(turns.map(({ threadId }) => threadId)).to.deep.equal(ids);
      expect(new Set(ids).size).to.equal(2);
    });
  });

  describe('what cannot be understood', () => {
    it('fails the start of a thread with a typed error', async () => {
      codex.server
        .on('thread/start', { nth: 1 })
        .answerAnything(null)
        .on('thread/start', { nth: 2 })
        .answerAnything({ thread: { id: 7 } });
      const thread = codex.client().startThread();

      const errors = [await failure(thread.run('One')), await failure(thread.run('One'))];

      expect(errors.map((error) => TransportError.is(error))).to.deep.equal([true, true]);
      expect(errors[0]).to.include({ code: 'malformed-message', retryable: false });
      expect(errors[1]).to.include({ code: 'malformed-message', retryable: false });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });

    it('as the acknowledgement of a turn counts as none', async () => {
      codex.server.on('turn/start').answerAnything({ turn: null });

      const error = await failure(codex.client().startThread().run('One'));

      expect(error).to.be.instanceOf(OutcomeUnknownError);
      expect((error as OutcomeUnknownError).cause).to.include({ code: 'malformed-message' });
    });

    it('as a list of turns is no endless list', async () => {
      codex.server
        .on('turn/start', { nth: 2 })
        .stall()
        .on('thread/turns/list')
        .answerAnything({ data: [], nextCursor: 'again' });
      const thread = codex.client().startThread();
      await thread.run('One');

      const error = await lost(thread, 'Two');

      expect(await error.reconcile()).to.deep.equal({ status: 'absent' });
      expect(codex.server.requests('thread/turns/list')).to.have.length(2);
    });
  });

  describe('a refusal', () => {
    it('because the thread is not loaded any more is mended: it is loaded and the turn sent again', async () => {
      codex.server.on('turn/start', { nth: 2 }).reject(-32600, 'thread not found: behind our back');
      const thread = codex.client().startThread();
      const { threadId } = await thread.run('One');

      const turn = await thread.run('Two');

      expect(turn).to.include({ threadId, finalResponse: usualAnswer });
      expect(codex.server.requests('thread/resume').map((params) => params.threadId)).to.deep.equal(
        [threadId],
      );
      const [, refused, sent] = codex.server.requests('turn/start');
      expect(sent).to.deep.equal(refused);
    });

    it('because the thread is not loaded is handed on when loading it does not help', async () => {
      codex.server
        .on('turn/start', { nth: 2, times: 2 })
        .reject(-32600, 'thread not found: gone for good');
      const thread = codex.client().startThread();
      await thread.run('One');

      const error = await failure(thread.run('Two'));

      expect(error).to.be.instanceOf(RequestError);
      expect(error).to.include({ method: 'turn/start', rpcCode: -32600 });
      expect((await thread.run('Three')).finalResponse).to.equal(usualAnswer);
      expect(codex.server.requests('turn/start')).to.have.length(4);
    });

    it('for overload is overcome by calls that change nothing', async () => {
      codex.server.on('thread/read').overloaded(2).on('thread/turns/list').overloaded(1);
      const client = codex.client();
      const { threadId } = await client.startThread().run('One');

      const thread = await client.resumeThread(threadId);

      expect(thread.threadId).to.equal(threadId);
      expect(codex.server.requests('thread/read')).to.have.length(3);
      expect(codex.server.requests('thread/turns/list')).to.have.length(2);
    });

    it('for overload of a turn is handed on as retryable, and nothing is sent twice', async () => {
      codex.server.on('turn/start', { nth: 1 }).overloaded();
      const thread = codex.client().startThread();

      const error = await failure(thread.run('One'));

      expect(error).to.be.instanceOf(RequestError);
      expect(error).to.include({ code: 'overloaded', retryable: true });
      expect(codex.server.requests('turn/start')).to.have.length(1);
    });

    it('for overload of a turn may be retried by whoever asked for it', async () => {
      codex.server.on('turn/start').overloaded(2);
      const thread = codex.client().startThread();

      const turn = await retryOnOverload(async () => thread.run('One'));

      expect(turn.finalResponse).to.equal(usualAnswer);
      expect(codex.server.requests('turn/start')).to.have.length(3);
    });

    it('for overload of a new thread is retryable too', async () => {
      codex.server.on('thread/start').overloaded(1);
      const thread = codex.client().startThread();

      expect(await failure(thread.run('One'))).to.include({ code: 'overloaded', retryable: true });
      expect((await thread.run('One')).finalResponse).to.equal(usualAnswer);
    });

    it('for overload of the login is overcome: it may be made twice', async () => {
      codex.server.on('account/login/start').overloaded(2);

      expect((await codex.client().startThread().run('One')).finalResponse).to.equal(usualAnswer);
    });
  });
});
