import { expect } from 'chai';
import {
  ResumeRejectedError,
  ThreadBusyError,
  ThreadStateError,
  type Codex,
  type Thread,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { legacyThread } from './legacy-thread.js';

describe('thread.revert on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(`Answer to ${userTexts.at(-1) ?? ''}`),
    );
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function withTurns(...inputs: readonly string[]): Promise<[Thread, string[]]> {
    const thread = codex.startThread();
    const ids: string[] = [];
    for (const input of inputs) ids.push((await thread.run(input)).turnId);
    return [thread, ids];
  }

  async function turnIds(thread: Thread): Promise<string[]> {
    return (await collected(thread.turns({ itemsView: 'notLoaded' }))).map(({ id }) => id);
  }

  it('removes a turn and all later turns, and the thread continues without them', async () => {
    const [thread, [one = '', two = '']] = await withTurns('One', 'Two', 'Three');

    const continuation = await thread.revert({ before: two });
    await thread.run('Other two');

    expect(continuation.turnId).to.equal(one);
    expect((await turnIds(thread))[0]).to.equal(one);
    expect(await turnIds(thread)).to.have.length(2);
    expect(offline.model.requests.at(-1)?.assistantTexts).to.deep.equal(['Answer to One']);
  });

  it('returns the only token that resumes the thread from then on', async () => {
    const [thread, [, two = '']] = await withTurns('One', 'Two');
    const before = String(thread.continuation);

    const continuation = await thread.revert({ before: two });

    expect(thread.continuation).to.equal(continuation);
    await thread.release();
    const visitor = offline.client();
    const { threadId } = thread;
    const old = await failure(visitor.resumeThread(threadId ?? '', { continuation: before }));
    expect(old).to.include({ reason: 'diverged' });
    const resumed = await visitor.resumeThread(threadId ?? '', { continuation });
    expect((await resumed.run('Again')).finalResponse).to.equal('Answer to Again');
  });

  it('can revert to before the first turn, and the empty thread is resumed by its token', async () => {
    const [thread, [one = '']] = await withTurns('One', 'Two');
    const before = String(thread.continuation);

    const continuation = await thread.revert({ before: one });

    expect(continuation.turnId).to.equal(null);
    expect(await turnIds(thread)).to.deep.equal([]);
    expect(thread.durability).to.equal('persisted');
    await thread.release();
    const visitor = offline.client();
    const { threadId } = thread;
    const old = await failure(visitor.resumeThread(threadId ?? '', { continuation: before }));
    expect(old).to.include({ reason: 'unreadable-history' });
    const resumed = await visitor.resumeThread(threadId ?? '', { continuation });
    expect((await resumed.run('First')).finalResponse).to.equal('Answer to First');
  });

  it('counts tokens from the point of the revert', async () => {
    const [thread, [, two = '']] = await withTurns('One', 'Two');
    await thread.revert({ before: two });
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.at(-1) === 'Counted',
      ScriptedReply.message('Yes').usage({ inputTokens: 70, outputTokens: 7 }),
    );

    expect((await thread.run('Counted')).usage?.totalTokens).to.equal(77);
  });

  it('does not change the settings of the thread, even if a turn with overrides becomes the last one', async () => {
    const thread = codex.startThread({ sandboxMode: 'read-only' });
    await thread.run('One', { options: { sandboxMode: 'danger-full-access' } });
    const { turnId } = await thread.run('Two');

    await thread.revert({ before: turnId });
    await thread.run('Other two');

    expect(offline.model.requests.at(-1)?.turnMetadata).to.include({ sandbox_mode: 'read-only' });
  });

  describe('is refused', () => {
    it('while a turn runs, without an effect on that turn', async () => {
      const gate = new Gate();
      const [thread, [one = '']] = await withTurns('One');
      offline.model.replyOnceWhen(
        ({ userTexts }) => userTexts.at(-1) === 'Slow',
        ScriptedReply.gate(gate).message('Done'),
      );
      const turn = thread.run('Slow');
      await gate.reached;

      const error = await failure(thread.revert({ before: one }));
      gate.open();

      expect(error).to.be.instanceOf(ThreadBusyError);
      expect((await turn).finalResponse).to.equal('Done');
    });

    it('for a turn that the thread does not contain, without unloading the thread', async () => {
      const [thread, ids] = await withTurns('One');
      const { continuation } = thread;

      const error = await failure(
        thread.revert({ before: '01a20000-0000-7000-8000-000000000000' }),
      );

      expect(error).to.be.instanceOf(ThreadStateError);
      expect(error).to.include({ code: 'turn-unknown' });
      expect(thread.continuation).to.equal(continuation);
      expect(await turnIds(thread)).to.deep.equal(ids);
      expect(await codex.loadedThreads()).to.include(thread.threadId);
    });

    it('for a thread that never ran, before anything is sent', async () => {
      const thread = codex.startThread();
      await thread.open();

      expect(await failure(thread.revert({ before: 'x' }))).to.include({
        code: 'thread-never-ran',
      });
    });

    it('for a history written by an older codex-rs, without loading the thread', async () => {
      const { threadId, turnId } = await legacyThread(offline);
      const thread = await codex.resumeThread(threadId);

      const error = await failure(thread.revert({ before: turnId }));

      expect(error).to.include({ code: 'thread-legacy-history' });
      expect(String(error)).to.contain('fork');
      expect(await codex.loadedThreads()).not.to.include(threadId);
    });

    it('while another process has the thread', async () => {
      const [thread, [one = '']] = await withTurns('One');
      const visitor = await offline.client().resumeThread(thread.threadId ?? '');

      const error = await failure(visitor.revert({ before: one }));

      expect(error).to.be.instanceOf(ResumeRejectedError);
      expect(error).to.include({ reason: 'busy', retryable: true });
    });
  });
});
