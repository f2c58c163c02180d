import { expect } from 'chai';
import { ResumeRejectedError, ThreadBusyError, type Codex, type Thread } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('On the real codex-rs, a thread', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let other: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(`Answer to ${userTexts.at(-1) ?? ''}`),
    );
    codex = offline.client();
    other = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function ranThread(): Promise<[Thread, string]> {
    const thread = codex.startThread();
    return [thread, (await thread.run('One')).threadId];
  }

  describe('that another process has loaded', () => {
    it('is refused to other clients, with the known details', async () => {
      const [thread, threadId] = await ranThread();
      const visitor = await other.resumeThread(threadId);

      const errors = await Promise.all([failure(visitor.run('Mine')), failure(visitor.open())]);

      for (const error of errors) {
        expect(error).to.be.instanceOf(ResumeRejectedError);
        expect(error).to.include({ reason: 'busy', retryable: true, threadId });
        expect((error as ResumeRejectedError).verdict.evidence).to.include({
          originator: 'codex-threads',
          lastTurnId: thread.continuation?.turnId,
        });
      }
      expect((await thread.run('Still mine')).finalResponse).to.equal('Answer to Still mine');
    });

    it('is available as soon as it is released, every time', async () => {
      const [thread, threadId] = await ranThread();
      let token = String(thread.continuation);

      for (const [index, owner] of [other, codex, other, codex, other, codex].entries()) {
        const released = index % 2 === 0 ? codex : other;
        await (await released.resumeThread(threadId, { continuation: token })).release();
        const taken = await owner.resumeThread(threadId, { continuation: token });
        token = String((await taken.run(String(index))).continuation);
      }

      const { turns } = await thread.read({ includeTurns: true });
      expect(turns).to.have.length(7);
      expect(new Set(turns.map(({ status }) => status))).to.deep.equal(new Set(['completed']));
    });

    it('is available once its client is closed', async () => {
      const owner = offline.client();
      const { threadId, continuation } = await owner.startThread().run('One');
      const visitor = await other.resumeThread(threadId, { continuation });
      expect(await failure(visitor.open())).to.include({ reason: 'busy' });

      await owner.close();

      expect((await visitor.run('Mine')).finalResponse).to.equal('Answer to Mine');
    });

    it('rejects the earlier token after its return, with the number of turns it has advanced', async () => {
      const [thread, threadId] = await ranThread();
      await thread.release();
      await (await other.resumeThread(threadId)).run('Two');
      await (await other.resumeThread(threadId)).release();

      const error = await failure(thread.run('Three'));

      expect(error).to.include({ reason: 'stale' });
      expect((error as ResumeRejectedError).verdict.advancedBy).to.equal(1);
      // The refusal leaves no lock: a client with the current token can load the thread.
      const again = await codex.resumeThread(threadId);
      expect((await again.run('Three')).finalResponse).to.equal('Answer to Three');
      expect((await thread.run('Four')).finalResponse).to.equal('Answer to Four');
    });
  });

  describe('that is released', () => {
    it('is loaded again by its next turn', async () => {
      const [thread, threadId] = await ranThread();

      await thread.release();

      expect(await codex.loadedThreads()).not.to.include(threadId);
      expect((await thread.run('Two')).finalResponse).to.equal('Answer to Two');
      expect(await codex.loadedThreads()).to.include(threadId);
    });

    it('may be released again, and before it is opened', async () => {
      const [thread] = await ranThread();

      await Promise.all([thread.release(), codex.startThread().release()]);
      await thread.release();

      expect(thread.durability).to.equal('persisted');
    });

    it('is available even if a raw request loaded it', async () => {
      const [thread, threadId] = await ranThread();
      await thread.release();
      await codex.request('thread/resume', { threadId });

      await thread.release();

      expect(await codex.loadedThreads()).not.to.include(threadId);
      expect(await (await other.resumeThread(threadId)).open()).to.equal(threadId);
    });

    it('is not running: a release is refused, and the turn continues', async () => {
      const gate = new Gate();
      offline.model.replyOnceWhen(
        ({ userTexts }) => userTexts.at(-1) === 'Slow',
        ScriptedReply.gate(gate).message('Done'),
      );
      const [thread] = await ranThread();
      const turn = thread.run('Slow');
      await gate.reached;

      const error = await failure(thread.release());
      gate.open();

      expect(error).to.be.instanceOf(ThreadBusyError);
      expect((await turn).finalResponse).to.equal('Done');
    });

    it('is gone if it was only in memory', async () => {
      const thread = codex.startThread({ ephemeral: true });
      await thread.run('One');

      await thread.release();

      expect(thread.durability).to.equal('none');
      expect(await failure(thread.run('Two'))).to.be.instanceOf(ResumeRejectedError);
    });
  });

  describe('that is idle', () => {
    it('is unloaded after keepLoadedMs, and loaded again on demand', async () => {
      const hasty = offline.client({ keepLoadedMs: 0 });
      const thread = hasty.startThread();
      const { threadId, continuation } = await thread.run('One');
      while ((await hasty.loadedThreads()).length > 0)
        await new Promise((resolve) => setImmediate(resolve));

      const elsewhere = await other.resumeThread(threadId, { continuation });
      await elsewhere.run('Two, elsewhere');
      const refused = await failure(thread.run('Three'));
      await elsewhere.release();
      const stale = await failure(thread.run('Three'));

      expect(refused).to.include({ reason: 'busy' });
      expect(stale).to.include({ reason: 'stale' });
    });

    it('stays loaded if it is only in memory, where it would be lost', async () => {
      const hasty = offline.client({ keepLoadedMs: 0 });
      const ephemeral = hasty.startThread({ ephemeral: true });
      const unused = hasty.startThread();
      await Promise.all([ephemeral.run('One'), unused.open()]);
      const kept = hasty.startThread();
      await kept.run('One');
      while ((await hasty.loadedThreads()).includes(kept.threadId ?? ''))
        await new Promise((resolve) => setImmediate(resolve));

      expect((await ephemeral.run('Two')).finalResponse).to.equal('Answer to Two');
      expect((await unused.run('One')).threadId).to.equal(unused.threadId);
    });
  });
});
