import { expect } from 'chai';
import sinon from 'sinon';
import {
  OutcomeUnknownError,
  RequestError,
  TransportError,
  TurnInterruptedError,
  retryOnOverload,
  telemetry,
  type Codex,
  type StopReport,
  type Thread,
  type Turn,
  type TurnEvent,
  type TelemetryMessages,
} from '../../lib/index.js';
import type { ThreadItem } from '../../lib/protocol/index.js';
import type { JsonObject } from '../../lib/output/output-format.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { fakeTime } from '../fake-time.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { SpoiledCodex } from '../spoiled-codex.js';

type UnansweredMethod =
  'turn/start' | 'turn/interrupt' | 'thread/turns/list' | 'thread/loaded/list';

const usualAnswer = 'Hello brave new world';

/** Notifications of a turn. */
const announced = [
  'thread/started',
  'thread/status/changed',
  'turn/started',
  'item/started',
  'item/agentMessage/delta',
  'item/commandExecution/outputDelta',
  'item/completed',
  'thread/tokenUsage/updated',
  'turn/completed',
] as const;

async function eventsOf(turn: Turn): Promise<TurnEvent[]> {
  const events: TurnEvent[] = [];
  for await (const event of turn) events.push(event);
  return events;
}

/** The value with an unknown key in every object. */
function withUnknownFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknownFields);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).map(([key, member]) => [key, withUnknownFields(member)]);
  return { ...(Object.fromEntries(known) as object), xUnknown: { deep: [1, null] } };
}

describe('Over an app-server that misbehaves', function () {
  // Well below the limit of 30 s for an acknowledgement: nothing here may wait for it.
  this.timeout(15_000);
  let offline: OfflineCodex;
  let transport: FaultyTransport;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message(usualAnswer));
    transport = new FaultyTransport(offline.transport());
    codex = offline.client({ transport });
    await codex.warmUp();
  });

  beforeEach(() => {
    transport.reset();
  });

  afterEach(() => {
    sinon.restore();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** Runs an action that sends requests, and advances the clock past the time limit of each. */
  async function unanswered<T>(act: () => Promise<T>, ...methods: UnansweredMethod[]): Promise<T> {
    const awaited = methods.map((method) => ({
      method,
      nth: transport.requests(method).length + 1,
    }));
    const clock = fakeTime('setTimeout', 'clearTimeout');
    const outcome = act();
    for (const { method, nth } of awaited) {
      await transport.whenReceived(method, nth);
      clock.tick(30_000);
    }
    clock.restore();
    return outcome;
  }

  /** Runs a turn without acknowledgement. */
  async function lost(thread: Thread, input: string): Promise<OutcomeUnknownError> {
    const error = await unanswered(async () => failure(thread.run(input)), 'turn/start');
    return error as OutcomeUnknownError;
  }

  /** The same for a turn that codex-rs has started. */
  async function lostSignsOf(thread: Thread, input: string): Promise<OutcomeUnknownError> {
    const asked = offline.model.requests.length;
    const error = await lost(thread, input);
    await offline.model.request(asked);
    return error;
  }

  /** The current process, not the next one. */
  function here(): { readonly generation: number } {
    return { generation: transport.connections };
  }

  /** Drops all messages of codex-rs about the thread's first turn. */
  function loseEverySign(): void {
    const first = { nth: 1, ...here() };
    transport
      .on('turn/start', first)
      .dropReply()
      .onMessage('turn/started', first)
      .drop()
      .onMessage('item/started', first)
      .drop()
      .onMessage('item/completed', first)
      .drop();
  }

  /** Resolves when the client has received the next one. */
  async function told(method: 'turn/started' | 'turn/completed' | 'item/completed'): Promise<void> {
    for await (const _ of codex.notifications({ methods: [method] })) return;
  }

  describe('the acknowledgement of a turn', () => {
    it('is turn/started if the reply is lost', async () => {
      transport.on('turn/start').dropReply();
      const thread = codex.startThread();

      expect((await thread.run('One')).finalResponse).to.equal(usualAnswer);
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(transport.requests('turn/start')).to.have.length(2);
    });

    it('is its own message if turn/started is lost too', async () => {
      transport.on('turn/start').dropReply().onMessage('turn/started').drop();
      const thread = codex.startThread();

      expect((await thread.run('One')).finalResponse).to.equal(usualAnswer);
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(transport.requests('turn/start')).to.have.length(2);
    });

    it('is turn/started, after a grace period, if its own message is lost too', async () => {
      transport
        .on('turn/start', { nth: 1 })
        .dropReply()
        .onMessage('item/started', { nth: 1 })
        .drop()
        .onMessage('item/completed', { nth: 1 })
        .drop();
      const thread = codex.startThread();
      const over = told('turn/completed');

      const clock = fakeTime('setTimeout', 'clearTimeout');
      const turn = thread.run('One');
      await over;
      clock.tick(30_000);
      clock.restore();

      expect((await turn).finalResponse).to.equal(usualAnswer);
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(transport.requests('turn/start')).to.have.length(2);
    });

    it('may arrive after the end of the turn', async () => {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.message('Early'));
      transport.on('turn/start', { nth: 1 }).delayReplyUntil(gate);
      void told('turn/completed').then(() => {
        gate.open();
      });
      const thread = codex.startThread();

      expect((await thread.run('One')).finalResponse).to.equal('Early');
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });

    it('may arrive twice', async () => {
      transport.on('turn/start').replyTwice();
      const thread = codex.startThread();

      expect((await thread.run('One')).finalResponse).to.equal(usualAnswer);
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });
  });

  describe('a turn without any acknowledgement', () => {
    it('has an unknown outcome, which the history resolves, and nothing is sent twice', async () => {
      loseEverySign();
      const thread = codex.startThread();

      const error = await lostSignsOf(thread, 'One');
      const outcome = await error.reconcile();

      expect(error).to.be.instanceOf(OutcomeUnknownError);
      expect(error.cause).to.include({ code: 'timeout' });
      expect(outcome).to.include({ status: 'found', turnStatus: 'completed' });
      expect(transport.requests('turn/start')).to.have.length(1);
    });

    it('is looked up again while codex-rs is still writing the start of the thread', async () => {
      loseEverySign();
      transport
        .on('thread/turns/list', { nth: 1 })
        .reject(-32601, 'paginated_threads is not supported yet');
      const error = await lostSignsOf(codex.startThread(), 'One');

      expect(await error.reconcile()).to.include({ status: 'found', turnStatus: 'completed' });
    });

    it('is looked up in a new process if this one does not answer either', async () => {
      loseEverySign();
      transport.on('thread/turns/list', here()).dropReply();
      const thread = codex.startThread();
      const error = await lostSignsOf(thread, 'One');

      const outcome = await unanswered(async () => error.reconcile(), 'thread/turns/list');

      expect(outcome).to.include({ status: 'found' });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(transport.requests('turn/start')).to.have.length(2);
    });

    it('holds the next turn only until a new process has resolved it', async () => {
      loseEverySign();
      transport.on('thread/turns/list', here()).dropReply();
      const thread = codex.startThread();
      await lostSignsOf(thread, 'One');

      const next = await unanswered(async () => thread.run('Two'), 'thread/turns/list');

      expect(next.finalResponse).to.equal(usualAnswer);
    });

    it('cannot be resolved on an ephemeral thread, which continues', async () => {
      loseEverySign();
      const thread = codex.startThread({ ephemeral: true });
      const error = await lostSignsOf(thread, 'One');

      expect(await error.reconcile()).to.deep.equal({ status: 'untraceable' });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });

    it('delays the next turn of the thread', async () => {
      loseEverySign();
      const gate = new Gate();
      offline.model.reply(ScriptedReply.gate(gate).message('First'));
      const thread = codex.startThread();
      await lostSignsOf(thread, 'One');

      const next = thread.run('Two');
      await transport.whenReceived('thread/turns/list');
      const sentBefore = transport.requests('turn/start').length;
      gate.open();

      expect((await next).finalResponse).to.equal(usualAnswer);
      expect(sentBefore).to.equal(1);
      expect(transport.requests('turn/start')).to.have.length(2);
    });

    it('is absent from the history if codex-rs never received it', async () => {
      transport.on('turn/start', { nth: 2 }).stall();
      const thread = codex.startThread();
      await thread.run('One');

      const error = await lost(thread, 'Two');
      const told: TelemetryMessages['turnReconcile'][] = [];
      const stop = telemetry.turnReconcile.subscribe((message) => told.push(message));

      expect(await error.reconcile()).to.deep.equal({ status: 'absent' });
      stop();
      const { threadId, clientMessageId } = error;
      const nothing = { turnId: null, turnStatus: null };
      expect(told).to.deep.equal([{ threadId, clientMessageId, status: 'absent', ...nothing }]);
      expect((await thread.run('Three')).finalResponse).to.equal(usualAnswer);
    });

    it('is absent from a thread that has no history yet', async () => {
      transport.on('turn/start', { nth: 1 }).stall();
      const thread = codex.startThread();

      const error = await lost(thread, 'One');

      expect(await error.reconcile()).to.deep.equal({ status: 'absent' });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
      expect(transport.requests('thread/start')).to.have.length(1);
    });

    it('is looked up in the next process if the first one died with it', async () => {
      transport
        .on('turn/start', here())
        .dropReply()
        .onMessage('turn/started', here())
        .drop()
        .onMessage('item/started', here())
        .drop()
        .onMessage('item/completed', here())
        .kill();
      const thread = codex.startThread();

      const error = (await failure(thread.run('One'))) as OutcomeUnknownError;
      const outcome = await error.reconcile();

      expect(error.cause).to.include({ code: 'process-exited', signal: 'SIGKILL' });
      expect(outcome).to.include({ status: 'found', turnStatus: 'interrupted' });
      expect(transport.requests('turn/start')).to.have.length(1);
    });
  });

  describe('a stop that comes before the acknowledgement', () => {
    /** Stops the turn once it is sent, and advances the clock past the time limit of the acknowledgement. */
    async function stoppedEarly(turn: Turn): Promise<{ error: unknown; report: StopReport }> {
      const outcome = failure(turn.result());
      await transport.whenReceived('turn/start');
      const clock = fakeTime('setTimeout', 'clearTimeout');
      const report = turn.interrupt();
      clock.tick(10_000);
      clock.restore();
      return { error: await outcome, report: await report };
    }

    it('leaves the outcome unknown if none arrives, without restarting the process', async () => {
      loseEverySign();
      const thread = codex.startThread();

      const { error, report } = await stoppedEarly(thread.runStreamed('One'));

      expect(error).to.be.instanceOf(OutcomeUnknownError);
      expect(report).to.deep.equal({
        acknowledged: false,
        commandsEnded: 0,
        processRecycled: false,
      });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });

    it('interrupts a turn that only its start confirms', async () => {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.gate(gate).message('Never'));
      transport
        .on('turn/start', { nth: 1 })
        .dropReply()
        .onMessage('item/started', { nth: 1 })
        .drop()
        .onMessage('item/completed', { nth: 1 })
        .drop();
      const thread = codex.startThread();

      const turn = thread.runStreamed('One');
      const started = told('turn/started');
      const outcome = failure(turn.result());
      await started;
      const clock = fakeTime('setTimeout', 'clearTimeout');
      const report = turn.interrupt();
      clock.tick(10_000);
      clock.restore();

      expect(await outcome).to.be.instanceOf(TurnInterruptedError);
      expect(await report).to.include({ acknowledged: true, processRecycled: false });
      expect(transport.requests('turn/interrupt')).to.have.length(1);
      gate.open();
    });
  });

  describe('a server that goes silent in the middle of a turn', () => {
    it('is replaced by the interrupt, and the next turn runs on the new one', async () => {
      transport.onMessage('item/agentMessage/delta', { ...here(), when: 'after' }).freeze();
      const turn = codex.startThread().runStreamed('One');
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
      expect((await codex.startThread().run('Two')).finalResponse).to.be.a('string');
    });
  });

  describe('noise', () => {
    /** The ids of the turn that a notification belongs to. */
    function ids({ threadId, turnId }: { threadId: string; turnId: string }): JsonObject {
      return { threadId, turnId };
    }

    /** Two messages; the second is completed when the gate opens. */
    function answerLate(): Gate {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.message('In time').message('Too late'));
      transport
        .onMessage('item/completed', {
          where: ({ item }: { item: ThreadItem }) =>
            item.type === 'agentMessage' && item.text === 'Too late',
        })
        .holdUntil(gate)
        .onMessage('turn/completed', { nth: 1 })
        .edit(({ turn, ...rest }) => ({ ...rest, turn: { ...turn, items: [] } }));
      return gate;
    }

    it('in the middle of a turn is harmless', async () => {
      const spoiled = new SpoiledCodex(offline);
      spoiled.at('"phase":"commentary"', { write: '\n\n\n', flood: 300_000 });
      offline.model.reply(ScriptedReply.message('One', { phase: 'commentary' }).message('Two'));
      const noisy = new FaultyTransport(offline.transport());
      const item = { type: 'faultyUnknownItem', id: 'unknown_1', nested: { x: 1 } };
      noisy
        .onMessage('item/completed', { nth: 2, when: 'after' })
        .garbage()
        .onMessage('item/completed', { nth: 2, when: 'after' })
        .garbage('{"method":')
        .onMessage('item/completed', { nth: 2, when: 'after' })
        .garbage('[]')
        .onMessage('item/completed', { nth: 2, when: 'after' })
        .garbage('{"id":1}')
        .onMessage('item/completed', { nth: 2, when: 'after' })
        .notifyAnything('faulty/unknown', { a: 1 })
        .onMessage('item/completed', { nth: 2, when: 'after' })
        .notifyAnything('item/started', (at) => ({ ...ids(at), item, startedAtMs: 1 }))
        .onMessage('item/completed', { nth: 2, when: 'after' })
        .notifyAnything('item/completed', (at) => ({ ...ids(at), item, completedAtMs: 1 }));
      const thread = offline.client({ transport: noisy, ...spoiled.options }).startThread();

      const turn = await thread.run('Go');

      expect(turn.finalResponse).to.equal('Two');
      expect(turn.items.map(({ type }) => type as string)).to.deep.equal([
        'userMessage',
        'agentMessage',
        'faultyUnknownItem',
        'agentMessage',
      ]);
      expect((await thread.run('Again')).finalResponse).to.equal(usualAnswer);
      expect(spoiled.isResolved).to.equal(true);
    });

    it('of unknown keys is harmless', async () => {
      for (const method of announced)
        transport.onMessage(method).edit((params) => withUnknownFields(params));
      for (const method of ['thread/start', 'turn/start'] as const)
        transport.on(method).editReply((result) => withUnknownFields(result));

      const turn = await codex.startThread().run('Go');

      expect(turn.finalResponse).to.equal(usualAnswer);
      expect(turn.usage?.totalTokens).to.equal(15);
    });

    it('of an unknown request is answered with an error', async () => {
      offline.model.reply(ScriptedReply.message('Done'));
      transport.onMessage('turn/started', { when: 'after' }).requestAnything('faulty/unknown', {});

      const turn = await codex.startThread().run('Go');

      expect(turn.finalResponse).to.equal('Done');
      expect(
        transport.received.flatMap(({ message }) => (message.error ? [message.error] : [])),
      ).to.deep.equal([{ code: -32601, message: 'Method not found: faulty/unknown' }]);
    });

    it('of single bytes is joined', async () => {
      const spoiled = new SpoiledCodex(offline);
      spoiled.at('initialize', { bytewise: true });
      offline.model.reply(ScriptedReply.message('Grüße 👋'));
      const thread = offline.client(spoiled.options).startThread();

      expect((await thread.run('Go')).finalResponse).to.equal('Grüße 👋');
      expect(spoiled.isResolved).to.equal(true);
    });

    it('of notifications sent twice counts once', async () => {
      for (const method of announced) transport.onMessage(method).repeat();
      offline.model.reply(
        ScriptedReply.message('Only once').shellCommand('echo a'),
        ScriptedReply.empty(),
      );
      const turn = codex.startThread().runStreamed('Go');

      const events = await eventsOf(turn);
      const result = await turn.result();

      expect(result.finalResponse).to.equal('Only once');
      expect(result.items.map(({ type }) => type)).to.deep.equal([
        'userMessage',
        'agentMessage',
        'commandExecution',
      ]);
      expect(result.usage?.totalTokens).to.equal(30);
      expect(
        events.flatMap((event) => (event.type === 'text.replaced' ? [event.text] : [])),
      ).to.deep.equal(['Only once']);
      for (const type of ['turn.started', 'turn.completed'])
        expect(events.filter((event) => event.type === type)).to.have.length(1);
      for (const type of ['item.started', 'item.completed'])
        expect(events.filter((event) => event.type === type)).to.have.length(3);
    });

    it('of an item that completes after its turn changes neither that turn nor the next', async () => {
      const late = answerLate();
      void told('turn/completed').then(() => {
        late.open();
      });
      const thread = codex.startThread();

      const first = await thread.run('One');
      const second = await thread.run('Two');

      expect(first.finalResponse).to.equal('In time');
      expect(second.finalResponse).to.equal(usualAnswer);
      expect(second.items).to.have.length(2);
    });

    it('of an item that completes after its turn is ignored while labels are still being stored', async () => {
      const late = answerLate();
      const stored = new Gate();
      transport.on('thread/attachment/add').delayReplyUntil(stored);
      const over = told('turn/completed');
      const result = codex.startThread({ labels: { team: 'payments' } }).run('One');

      await over;
      const heard = told('item/completed');
      late.open();
      await heard;
      stored.open();

      expect((await result).finalResponse).to.equal('In time');
    });

    it('of replies out of order reaches the right callers', async () => {
      transport.on('thread/start', { nth: 1 }).replyOutOfOrder();
      const [one, two] = [codex.startThread(), codex.startThread()];

      const ids = await Promise.all([one.open(), two.open()]);
      const turns = await Promise.all([one.run('One'), two.run('Two')]);

      expect(turns.map(({ threadId }) => threadId)).to.deep.equal(ids);
      expect(new Set(ids).size).to.equal(2);
    });
  });

  describe('a malformed message', () => {
    it('fails the start of a thread with a typed error', async () => {
      transport
        .on('thread/start', { nth: 1 })
        .answerAnything(null)
        .on('thread/start', { nth: 2 })
        .answerAnything({ thread: { id: 7 } });
      const thread = codex.startThread();

      const errors = [await failure(thread.run('One')), await failure(thread.run('One'))];

      expect(errors.map((error) => TransportError.is(error))).to.deep.equal([true, true]);
      expect(errors[0]).to.include({ code: 'malformed-message', retryable: false });
      expect(errors[1]).to.include({ code: 'malformed-message', retryable: false });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });

    it('as the acknowledgement of a turn counts as missing', async () => {
      transport.on('turn/start').answerAnything({ turn: null });

      const error = await failure(codex.startThread().run('One'));

      expect(error).to.be.instanceOf(OutcomeUnknownError);
      expect((error as OutcomeUnknownError).cause).to.include({ code: 'malformed-message' });
    });

    it('as the model of a thread fails the turn that needs it', async () => {
      transport.on('thread/start').editReply((result) => ({ ...result, model: null }));
      const thread = codex.startThread();
      const options = { modelReasoningSummary: 'concise' } as const;

      const error = await failure(thread.run('One', { options }));

      expect(error).to.include({ code: 'malformed-message', retryable: false });
      expect((await thread.run('Two')).finalResponse).to.equal(usualAnswer);
    });

    it('as a list of turns does not loop', async () => {
      transport
        .on('turn/start', { nth: 2 })
        .stall()
        .on('thread/turns/list')
        .answerAnything({ data: [], nextCursor: 'again' });
      const thread = codex.startThread();
      await thread.run('One');

      const error = await lost(thread, 'Two');

      expect(await error.reconcile()).to.deep.equal({ status: 'absent' });
      // The lookup runs twice, and reads two pages each time.
      expect(transport.requests('thread/turns/list')).to.have.length(4);
    });
  });

  describe('a refusal', () => {
    it('because the thread was unloaded is resolved: the client loads the thread and sends the turn again', async () => {
      transport.on('turn/start', { nth: 2 }).reject(-32600, 'thread not found: behind our back');
      const thread = codex.startThread();
      const { threadId } = await thread.run('One');

      const turn = await thread.run('Two');

      expect(turn).to.include({ threadId, finalResponse: usualAnswer });
      expect(transport.requests('thread/resume').map((params) => params.threadId)).to.deep.equal([
        threadId,
      ]);
      const [, refused, sent] = transport.requests('turn/start');
      expect(sent).to.deep.equal(refused);
    });

    it('because the thread is not loaded is forwarded if loading it does not help', async () => {
      transport
        .on('turn/start', { nth: 2, times: 2 })
        .reject(-32600, 'thread not found: gone for good');
      const thread = codex.startThread();
      await thread.run('One');

      const error = await failure(thread.run('Two'));

      expect(error).to.be.instanceOf(RequestError);
      expect(error).to.include({ method: 'turn/start', rpcCode: -32600 });
      expect((await thread.run('Three')).finalResponse).to.equal(usualAnswer);
      expect(transport.requests('turn/start')).to.have.length(4);
    });

    it('for overload is retried by reading calls', async () => {
      transport.on('thread/read').overloaded(2).on('thread/turns/list').overloaded(1);
      const { threadId } = await codex.startThread().run('One');

      const thread = await codex.resumeThread(threadId);

      expect(thread.threadId).to.equal(threadId);
      expect(transport.requests('thread/read')).to.have.length(3);
      expect(transport.requests('thread/turns/list')).to.have.length(2);
    });

    it('for overload of a turn is forwarded as retryable, and nothing is sent twice', async () => {
      transport.on('turn/start', { nth: 1 }).overloaded();
      const thread = codex.startThread();

      const error = await failure(thread.run('One'));

      expect(error).to.be.instanceOf(RequestError);
      expect(error).to.include({ code: 'overloaded', retryable: true });
      expect(transport.requests('turn/start')).to.have.length(1);
    });

    it('for overload of a turn may be retried by the caller', async () => {
      transport.on('turn/start').overloaded(2);
      const thread = codex.startThread();

      const turn = await retryOnOverload(async () => thread.run('One'));

      expect(turn.finalResponse).to.equal(usualAnswer);
      expect(transport.requests('turn/start')).to.have.length(3);
    });

    it('for overload of a new thread is retryable too', async () => {
      transport.on('thread/start').overloaded(1);
      const thread = codex.startThread();

      expect(await failure(thread.run('One'))).to.include({ code: 'overloaded', retryable: true });
      expect((await thread.run('One')).finalResponse).to.equal(usualAnswer);
    });

    it('for overload of the login is retried: it may be made twice', async () => {
      const refusing = new FaultyTransport(offline.transport())
        .on('account/login/start')
        .overloaded(2);
      const thread = offline.client({ transport: refusing }).startThread();

      expect((await thread.run('One')).finalResponse).to.equal(usualAnswer);
      expect(refusing.requests('account/login/start')).to.have.length(3);
    });
  });
});
