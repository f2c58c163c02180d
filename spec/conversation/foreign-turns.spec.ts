import { expect } from 'chai';
import { RequestError, ThreadBusyError, type Codex, type Thread } from '../../lib/index.js';
import type { ServerNotifications } from '../../lib/protocol/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { fakeTime } from '../fake-time.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const foreignTurn = '01a20000-0000-7000-8000-0000000000f0';

describe('A turn that codex-rs starts by itself', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(`Answer to ${userTexts.at(-1)}`),
    );
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** Puts a turn into the queue of codex-rs, which runs it until the gate opens. */
  async function queued(threadId: string): Promise<Pick<Gate, 'reached' | 'open'>> {
    const gate = new Gate();
    const begun = codex.notifications({ methods: ['turn/started'], threadId }).next();
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.at(-1) === 'Foreign',
      ScriptedReply.gate(gate).message('Foreign answer'),
    );
    await codex.request('thread/queue/add', {
      threadId,
      input: [{ type: 'text', text: 'Foreign', text_elements: [] }],
      clientUserMessageId: 'foreign-1',
    });
    return {
      // The model may receive its request before the client is notified.
      reached: Promise.all([gate.reached, begun]).then(() => undefined),
      open: () => {
        gate.open();
      },
    };
  }

  describe('on the real codex-rs', () => {
    beforeEach(() => {
      codex = offline.client();
    });

    afterEach(async () => {
      await codex.close();
    });

    /** A thread on which codex-rs runs a turn from its own queue, until the gate opens. */
    async function occupied(): Promise<{ thread: Thread; gate: Pick<Gate, 'open'> }> {
      const thread = codex.startThread();
      const { threadId } = await thread.run('One');
      const gate = await queued(threadId);
      await gate.reached;
      return { thread, gate };
    }

    it('makes the thread busy', async () => {
      const { thread, gate } = await occupied();

      const errors = [
        await failure(thread.run('Two', { whenBusy: 'reject' })),
        await failure(thread.compact()),
        await failure(thread.release()),
      ];
      gate.open();

      expect(errors.every((error) => error instanceof ThreadBusyError)).to.equal(true);
      expect((await thread.run('Three')).finalResponse).to.equal('Answer to Three');
    });

    it('delays the next turn, which does not steer it', async () => {
      const { thread, gate } = await occupied();
      const sent = offline.model.requests.length;

      const next = thread.run('Two');
      await codex.request('model/list', {});
      const sentMeanwhile = offline.model.requests.length;
      gate.open();

      expect((await next).finalResponse).to.equal('Answer to Two');
      expect(sentMeanwhile).to.equal(sent);
      expect(offline.model.requests.at(-1)?.assistantTexts).to.include('Foreign answer');
      expect((await next).items.filter(({ type }) => type === 'userMessage')).to.have.length(1);
    });

    it('does not delay the stop of a waiting turn', async () => {
      const { thread, gate } = await occupied();
      const turn = thread.runStreamed('Two');
      const outcome = failure(turn.result());

      const report = await turn.interrupt();
      const error = await outcome;
      gate.open();

      expect(report).to.deep.equal({
        acknowledged: false,
        commandsEnded: 0,
        processRecycled: false,
      });
      expect(error).to.include({ code: 'turn-interrupted', turnId: null });
      expect((await thread.run('Three')).finalResponse).to.equal('Answer to Three');
    });

    it('leaves a token that resumes the thread', async () => {
      const { thread, gate } = await occupied();
      const before = String(thread.continuation);
      const completed = codex.notifications({ methods: ['turn/completed'] }).next();

      gate.open();
      await completed;
      await thread.open();
      await thread.release();

      await using elsewhere = offline.client();
      const threadId = thread.threadId ?? '';
      const stale = await failure(elsewhere.resumeThread(threadId, { continuation: before }));
      const continuation = String(thread.continuation);
      const resumed = await elsewhere.resumeThread(threadId, { continuation });
      expect(stale).to.include({ reason: 'stale' });
      expect((await resumed.run('Two')).finalResponse).to.equal('Answer to Two');
    });
  });

  describe('on a codex-rs that chooses its moment', () => {
    let transport: FaultyTransport;

    before(() => {
      transport = new FaultyTransport(offline.transport());
      codex = offline.client({ transport });
    });

    beforeEach(() => {
      transport.reset();
    });

    function began({ threadId }: { threadId: string }): ServerNotifications['turn/started'] {
      return { threadId, turn: { ...foreign, status: 'inProgress' } };
    }

    function ended({ threadId }: { threadId: string }): ServerNotifications['turn/completed'] {
      return { threadId, turn: { ...foreign, status: 'completed' } };
    }

    /** Drops every message about the next end of a turn; resolves when codex-rs has sent it. */
    async function loseEnd(): Promise<unknown> {
      transport
        .onMessage('thread/status/changed', { nth: 1 })
        .drop()
        .onMessage('turn/completed', { nth: 1 })
        .notify('skills/changed', {})
        .onMessage('turn/completed', { nth: 1 })
        .drop();
      return codex.notifications({ methods: ['skills/changed'] }).next();
    }

    it('between two turns delays the second', async () => {
      const thread = codex.startThread();
      const { threadId } = await thread.run('One');
      const [ours, end] = [new Gate(), new Gate()];
      offline.model.reply(ScriptedReply.gate(ours).message('First'));
      transport.onMessage('turn/completed', { nth: 1 }).holdUntil(end);

      const first = thread.run('Two');
      const second = thread.run('Three');
      await ours.reached;
      const theirs = await queued(threadId);
      ours.open();
      await theirs.reached;
      end.open();
      await first;
      await transport.whenReceived('thread/read');
      const sentBefore = transport.requests('turn/start').length;
      theirs.open();

      expect((await first).finalResponse).to.equal('First');
      expect((await second).finalResponse).to.equal('Answer to Three');
      expect(sentBefore).to.equal(2);
    });

    it('whose end is lost has ended once codex-rs reports that', async () => {
      const thread = codex.startThread();
      await thread.run('One');
      offline.model.reply(ScriptedReply.message('First'));
      transport
        .onMessage('turn/completed', { nth: 1 })
        .notify('thread/status/changed', ({ threadId }) => ({
          threadId,
          status: { type: 'active', activeFlags: [] },
        }))
        .onMessage('turn/completed', { nth: 1 })
        .notify('turn/started', began);

      const turns = Promise.all([thread.run('Two'), thread.run('Three')]);

      expect((await turns).map(({ finalResponse }) => finalResponse)).to.deep.equal([
        'First',
        'Answer to Three',
      ]);
      expect(transport.requests('thread/read')).to.have.length(1);
    });

    it('whose end is lost while a turn waits has ended once codex-rs reports that 10 seconds later', async () => {
      const thread = codex.startThread();
      const { threadId } = await thread.run('One');
      const theirs = await queued(threadId);
      await theirs.reached;
      const ended = loseEnd();
      const answer = new Gate();
      transport.on('thread/read', { nth: 1 }).delayReplyUntil(answer);
      const clock = fakeTime('setTimeout', 'clearTimeout');

      const next = thread.run('Two');
      await answer.reached;
      answer.open();
      theirs.open();
      await ended;
      clock.tick(10_000);
      await transport.whenReceived('thread/read', 2);
      clock.restore();

      expect((await next).finalResponse).to.equal('Answer to Two');
    });

    it('after ours was sent is not mistaken for ours', async () => {
      const thread = codex.startThread();
      await thread.run('Two');
      transport
        .on('turn/start', { nth: 1 })
        .notify('turn/started', began)
        .on('turn/start', { nth: 1 })
        .notify('turn/completed', ended);

      const next = thread.run('Three');

      expect(await next).to.include({ finalResponse: 'Answer to Three' });
      expect((await next).turnId).not.to.equal(foreignTurn);
      expect(thread.continuation?.turnId).to.equal((await next).turnId);
    });

    const refusal = 'failed to submit turn input: ActiveTurnNotSteerable { turn_kind: Compact }';

    it('just before ours arrives, without accepting its input, is not mistaken for ours, which is sent again', async () => {
      const thread = codex.startThread();
      transport
        .onMessage('item/completed', { nth: 2, when: 'after' })
        .notify('turn/started', began)
        .onMessage('item/completed', { nth: 2, when: 'after' })
        .notify('turn/completed', ended)
        .on('turn/start', { nth: 2 })
        .reject(-32603, refusal);
      await thread.run('Two');

      expect((await thread.run('Three')).finalResponse).to.equal('Answer to Three');
      const [, refused, sent] = transport.requests('turn/start');
      expect(sent).to.deep.equal(refused);
    });

    it('that never accepts input ends in an error', async () => {
      transport.on('turn/start').reject(-32603, refusal);

      const error = await failure(codex.startThread().run('One'));

      expect(error).to.be.instanceOf(RequestError);
      expect(transport.requests('turn/start')).to.have.length(11);
    });
  });
});

const foreign = {
  id: foreignTurn,
  rootTurnId: foreignTurn,
  items: [],
  itemsView: 'notLoaded',
  error: null,
  startedAt: 1,
  completedAt: null,
  durationMs: null,
} satisfies Omit<ServerNotifications['turn/started']['turn'], 'status'>;
