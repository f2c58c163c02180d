import { expect } from 'chai';
import {
  TurnFailedError,
  type Codex,
  type Thread,
  type Turn,
  type TurnEvent,
  type TurnResult,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

/** An answer with this usage. */
function answer(inputTokens: number, outputTokens: number, text = 'Done'): ScriptedReply {
  return ScriptedReply.message(text).usage({ inputTokens, outputTokens });
}

/** The tokens of a turn and of its thread. */
function spent({ usage, threadUsage }: Pick<TurnResult, 'usage' | 'threadUsage'>): unknown {
  return [usage?.totalTokens, threadUsage?.totalTokens];
}

/** The text shown by a reader that applies every event. */
function shown(events: readonly TurnEvent[]): string {
  const texts = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'text.delta')
      texts.set(event.itemId, (texts.get(event.itemId) ?? '') + event.text);
    if (event.type === 'text.replaced') texts.set(event.itemId, event.text);
  }
  return [...texts.values()].join('');
}

describe('The result of a turn on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let thread: Thread;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  beforeEach(() => {
    thread = codex.startThread();
  });

  afterEach(() => {
    expect(offline.model.queuedReplies).to.equal(0);
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('resumes the thread by the token that the turn has from its start', async () => {
    offline.model.reply(answer(10, 5), answer(10, 5, 'Again'));
    const turn = thread.runStreamed('One');
    const before = turn.continuation;
    let atStart: unknown = null;

    for await (const { type } of turn) if (type === 'turn.started') atStart = turn.continuation;

    const { continuation, threadId } = await turn.result();
    expect(before).to.equal(null);
    expect(atStart).to.equal(continuation).and.equal(turn.continuation);
    await thread.release();
    const resumed = await offline.client().resumeThread(threadId, { continuation });
    expect((await resumed.run('Two')).finalResponse).to.equal('Again');
  });

  describe('counts tokens', () => {
    it('of all its model requests, in every field, and of no other turn', async () => {
      offline.model.reply(
        ScriptedReply.shellCommand('true').usage({
          inputTokens: 100,
          cachedInputTokens: 30,
          cacheWriteInputTokens: 20,
          outputTokens: 10,
          reasoningOutputTokens: 4,
        }),
        ScriptedReply.shellCommand('true').usage({ inputTokens: 200, outputTokens: 20 }),
        ScriptedReply.message('Done').usage({ inputTokens: 300, cachedInputTokens: 150 }),
        answer(7, 1),
      );

      const events = await collected(thread.runStreamed('One'));
      const second = await thread.run('Two');

      const usage = {
        inputTokens: 600,
        cachedInputTokens: 180,
        cacheWriteInputTokens: 20,
        outputTokens: 35,
        reasoningOutputTokens: 4,
        totalTokens: 635,
      };
      expect(events.at(-1)).to.deep.include({ type: 'turn.completed', usage });
      expect(
        events.flatMap((event) =>
          event.type === 'usage.updated' ? [event.usage.totalTokens] : [],
        ),
      ).to.deep.equal([110, 330, 635]);
      expect(spent(second)).to.deep.equal([8, 643]);
    });

    it('but not those before a resume in another process, a compaction or a fork', async () => {
      offline.model.reply(
        answer(100, 10),
        answer(20, 2),
        ScriptedReply.compaction('In short').usage({ inputTokens: 1000, outputTokens: 100 }),
        answer(30, 3),
        answer(40, 4),
      );
      const { threadId } = await thread.run('One');
      await using elsewhere = offline.client();
      await thread.release();
      const resumed = await elsewhere.resumeThread(threadId);

      const second = await resumed.run('Two');
      await resumed.compact();
      const third = await resumed.run('Three');
      const forked = await (await resumed.fork()).run('Four');

      expect(spent(second)).to.deep.equal([22, 132]);
      // codex-rs does not count the tokens of the compaction itself.
      expect(spent(third)).to.deep.equal([33, 165]);
      expect(forked.usage?.totalTokens).to.equal(44);
    });

    it('of answered requests only: a failed request is not counted', async () => {
      offline.model.reply(answer(100, 10), ScriptedReply.status(400), answer(20, 2));
      const { threadId } = await thread.run('One');

      const failed = await failure(thread.run('Two'));
      await thread.release();
      await using elsewhere = offline.client();
      const third = await (await elsewhere.resumeThread(threadId)).run('Three');

      expect(failed).to.be.instanceOf(TurnFailedError);
      expect(failed).to.include({ usage: null, lastRequestUsage: null });
      expect(spent(third)).to.deep.equal([22, 132]);
    });
  });

  describe('has the text', () => {
    it('of the final answer, without the commentary', async () => {
      offline.model.reply(
        ScriptedReply.message('I look', { phase: 'commentary' }).shellCommand('true'),
        ScriptedReply.message('Still looking', { phase: 'commentary' })
          .message('It is 42', { phase: 'final_answer' })
          .message('By the way', { phase: 'commentary' }),
      );

      const { finalResponse, commentary } = await thread.run('Go');

      expect(finalResponse).to.equal('It is 42');
      expect(commentary).to.deep.equal(['I look', 'Still looking', 'By the way']);
    });

    it('null if the model returned no message', async () => {
      offline.model.reply(ScriptedReply.empty());

      expect(await thread.run('Go')).to.deep.include({ finalResponse: null, commentary: [] });
    });

    it('of the last attempt if the connection broke during the message', async () => {
      offline.model.reply(
        ScriptedReply.deltas('half a').cut(),
        ScriptedReply.deltas('the ', 'whole'),
      );
      const turn = thread.runStreamed('Go');

      const events = await collected(turn);

      const types = events.map(({ type }) => type);
      const retrying = types.indexOf('turn.retrying');
      expect((await turn.result()).finalResponse).to.equal('the whole');
      expect(shown(events)).to.equal('the whole');
      expect(events[retrying - 1]).to.deep.include({ type: 'text.replaced', text: '' });
      expect(events[retrying])
        .to.have.property('message')
        .that.matches(/^Reconnecting/);
      expect(types).not.to.include('turn.failed');
      expect(types.filter((type) => type === 'turn.retrying')).to.have.length(1);
    });

    it('of the last message if the turn was steered during the answer', async () => {
      const gate = new Gate();
      offline.model.reply(ScriptedReply.deltas('half a').gate(gate), answer(5, 5, 'Steered'));
      const turn = thread.runStreamed('Go');
      const events: TurnEvent[] = [];

      for await (const event of turn) {
        events.push(event);
        if (event.type === 'text.delta' && event.text === 'half a') await turn.steer('Stop');
      }
      gate.open();

      expect((await turn.result()).finalResponse).to.equal('Steered');
      expect(shown(events)).to.equal('Steered');
    });
  });

  describe('is a failure', () => {
    /** All events and the error of a reader. */
    async function endOf(turn: Turn): Promise<readonly [TurnEvent[], unknown]> {
      const events: TurnEvent[] = [];
      const error = await failure(
        (async () => {
          for await (const event of turn) events.push(event);
        })(),
      );
      return [events, error];
    }

    it('that is reported once, although codex-rs reports it twice', async () => {
      offline.model.reply(ScriptedReply.status(400));
      const turn = thread.runStreamed('Go');

      const [events, error] = await endOf(turn);

      expect(events.filter(({ type }) => type.startsWith('turn.'))).to.have.length(2);
      expect(events.at(-1)?.type).to.equal('turn.failed');
      expect(await failure(turn.result())).to.equal(error);
    });

    it('that has the time at which an exhausted limit resets', async () => {
      const resetsAt = new Date('2031-05-06T07:08:09Z');
      offline.model.reply(ScriptedReply.usageLimitReached({ resetsAt }), answer(1, 1));

      const error = await failure(thread.run('Go'));

      if (!TurnFailedError.is(error)) throw error as Error;
      expect(error).to.include({ reason: 'usage-limit', retryable: false, providerStatus: 429 });
      expect(error.resetsAt).to.deep.equal(resetsAt);
      expect(error.message).to.contain('Wait until 2031-05-06T07:08:09.000Z');
      expect((await thread.run('Again')).finalResponse).to.equal('Done');
    });

    it('that has no reset time if no limit is exhausted', async () => {
      offline.model.reply(ScriptedReply.status(400, { error: { message: 'no' } }));

      expect(await failure(thread.run('Go'))).to.include({
        reason: 'invalid-request',
        resetsAt: null,
      });
    });
  });
});
