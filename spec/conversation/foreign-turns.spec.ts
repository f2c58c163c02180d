import { expect } from 'chai';
import { RequestError, ThreadBusyError, type Codex, type Thread } from '../../lib/index.js';
import type { JsonValue } from '../../lib/protocol/index.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../failure.js';
import { FaultyCodex } from '../faulty-codex.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const usualAnswer = 'Hello brave new world';
const foreignTurn = '01a20000-0000-7000-8000-0000000000f0';

describe('A turn that codex-rs begins by itself', function () {
  this.timeout(20_000);

  describe('on the real codex-rs', () => {
    let offline: OfflineCodex;
    let codex: Codex;

    before(async () => {
      offline = await OfflineCodex.start();
      offline.model.otherwise(({ userTexts }) =>
        ScriptedReply.message(`Answer to ${userTexts.at(-1)}`),
      );
    });

    beforeEach(() => {
      codex = offline.client();
    });

    afterEach(async () => {
      await codex.close();
    });

    after(async () => {
      await offline[Symbol.asyncDispose]();
      await noProcessLeft();
    });

    /** A thread on which codex-rs runs what stood in its own queue, until the gate opens. */
    async function occupied(): Promise<{ thread: Thread; gate: Gate }> {
      const thread = codex.startThread();
      const { threadId } = await thread.run('One');
      const gate = new Gate();
      offline.model.replyOnceWhen(
        ({ userTexts }) => userTexts.at(-1) === 'Foreign',
        ScriptedReply.gate(gate).message('Foreign answer'),
      );
      await codex.request('thread/queue/add', {
        threadId,
        input: [{ type: 'text', text: 'Foreign', text_elements: [] }],
        clientUserMessageId: 'foreign-1',
      });
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

    it('is waited for, not steered', async () => {
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

    it('need not be waited for by a turn that is stopped', async () => {
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
    let codex: FaultyCodex;

    beforeEach(async () => {
      codex = await FaultyCodex.create();
    });

    afterEach(async () => {
      await codex[Symbol.asyncDispose]();
      await noProcessLeft();
    });

    /** The id of a thread that has run one turn, for a script that needs to know it. */
    async function ran(): Promise<string> {
      await using client = codex.client();
      return (await client.startThread().run('One')).threadId;
    }

    function began(threadId: string): Parameters<FaultyTurn['notifyAnything']> {
      return ['turn/started', { threadId, turn: { ...foreign, status: 'inProgress' } }];
    }

    function ended(threadId: string): Parameters<FaultyTurn['notifyAnything']> {
      return ['turn/completed', { threadId, turn: { ...foreign, status: 'completed' } }];
    }

    function active(threadId: string, type: 'active' | 'idle'): JsonValue {
      return { threadId, status: type === 'idle' ? { type } : { type, activeFlags: [] } };
    }

    it('between two turns keeps the second waiting, though it waited first', async () => {
      const threadId = await ran();
      const status = { type: 'active', activeFlags: [] };
      codex.server
        .plays(
          new FaultyTurn()
            .message('First')
            .complete()
            .notifyAnything('thread/status/changed', active(threadId, 'active'))
            .notifyAnything(...began(threadId))
            .waitFor('go')
            .notifyAnything('thread/status/changed', active(threadId, 'idle'))
            .notifyAnything(...ended(threadId)),
          { input: 'Two' },
        )
        .onNotification('turn/completed', { nth: 1, generation: 2 })
        .holdUntil('end')
        .on('thread/read', { nth: 2 })
        .answerAnything({ thread: { id: threadId, status } });
      const thread = await codex.client().resumeThread(threadId);

      const first = thread.run('Two');
      const second = thread.run('Three');
      await codex.server.gate('go').reached;
      codex.server.gate('end').open();
      await codex.server.whenReceived('thread/read', 2);
      const sentBefore = codex.server.requests('turn/start').length;
      codex.server.gate('go').open();

      expect((await first).finalResponse).to.equal('First');
      expect((await second).finalResponse).to.equal(usualAnswer);
      expect(sentBefore).to.equal(2);
    });

    it('whose end is lost is over when codex-rs says so', async () => {
      const threadId = await ran();
      codex.server
        .plays(
          new FaultyTurn()
            .message('First')
            .complete()
            .notifyAnything('thread/status/changed', active(threadId, 'active'))
            .notifyAnything(...began(threadId))
            .waitFor('go'),
          { input: 'Two' },
        )
        .onNotification('turn/completed', { nth: 1, generation: 2 })
        .holdUntil('end');
      const thread = await codex.client().resumeThread(threadId);

      const turns = Promise.all([thread.run('Two'), thread.run('Three')]);
      await codex.server.gate('go').reached;
      codex.server.gate('end').open();

      expect((await turns).map(({ finalResponse }) => finalResponse)).to.deep.equal([
        'First',
        usualAnswer,
      ]);
    });

    it('after ours was sent is not taken for ours', async () => {
      const threadId = await ran();
      codex.server
        .plays(
          new FaultyTurn()
            .message('First')
            .complete()
            .waitFor('sent')
            .notifyAnything(...began(threadId))
            .notifyAnything(...ended(threadId))
            .waitFor('over'),
          { input: 'Two' },
        )
        .on('turn/start', { nth: 2, generation: 2 })
        .delayUntil('over');
      const thread = await codex.client().resumeThread(threadId);
      await thread.run('Two');

      const next = thread.run('Three');
      await codex.server.whenReceived('turn/start', 3);
      codex.server.gate('sent').open();
      await codex.server.gate('over').reached;
      codex.server.gate('over').open();

      expect(await next).to.include({ finalResponse: usualAnswer });
      expect((await next).turnId).not.to.equal(foreignTurn);
      expect(thread.continuation?.turnId).to.equal((await next).turnId);
    });

    const refusal = 'failed to submit turn input: ActiveTurnNotSteerable { turn_kind: Compact }';

    it('just before ours arrives, and takes no input, is not taken for ours: it is sent again', async () => {
      const threadId = await ran();
      codex.server
        .plays(
          new FaultyTurn()
            .message('First')
            .notifyAnything(...began(threadId))
            .notifyAnything(...ended(threadId)),
          { input: 'Two' },
        )
        .on('turn/start', { nth: 2, generation: 2 })
        .reject(-32603, refusal);
      const thread = await codex.client().resumeThread(threadId);
      await thread.run('Two');

      expect((await thread.run('Three')).finalResponse).to.equal(usualAnswer);
      const [, , refused, sent] = codex.server.requests('turn/start');
      expect(sent).to.deep.equal(refused);
    });

    it('that refuses input for ever is given up at last', async () => {
      codex.server.on('turn/start').reject(-32603, refusal);

      const error = await failure(codex.client().startThread().run('One'));

      expect(error).to.be.instanceOf(RequestError);
      expect(codex.server.requests('turn/start')).to.have.length(11);
    });
  });
});

const foreign = {
  id: foreignTurn,
  rootTurnId: foreignTurn,
  items: [] as string[],
  itemsView: 'notLoaded',
  error: null,
  startedAt: 1,
  completedAt: null,
  durationMs: null,
};
