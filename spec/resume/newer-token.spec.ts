import { expect } from 'chai';
import { ResumeRejectedError, type Codex, type Thread } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('The newer token of a stale resume', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let other: Codex;
  let thread: Thread;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    other = offline.client();
    thread = offline.client().startThread();
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function stale(continuation: string): Promise<ResumeRejectedError> {
    const error = await failure(other.resumeThread(thread.threadId ?? '', { continuation }));
    if (!ResumeRejectedError.is(error)) throw error;
    return error;
  }

  it('resumes the thread once its turns were read', async () => {
    const first = await thread.run('One');
    await thread.run('Two');
    await thread.release();
    const { reason, verdict } = await stale(String(first.continuation));

    const reader = await other.resumeThread(first.threadId);
    const inputs = (await collected(reader.turns())).length;
    const resumed = await other.resumeThread(first.threadId, {
      continuation: verdict.continuation ?? expect.fail(),
    });

    expect([reason, inputs]).to.deep.equal(['stale', 2]);
    expect((await resumed.run('Three')).finalResponse).to.equal('Yes');
  });

  it('is stale if more turns were added meanwhile', async () => {
    const first = await thread.run('One');
    await thread.run('Two');
    const { verdict } = await stale(String(first.continuation));
    await thread.run('Three');

    const again = await stale(String(verdict.continuation));

    expect(again.verdict).to.include({ reason: 'stale', advancedBy: 1 });
    expect(again.verdict.continuation?.turnId).to.equal(thread.continuation?.turnId);
  });

  it('is in the error of a turn whose thread was continued after its resume', async () => {
    const first = await thread.run('One');
    const resumed = await other.resumeThread(first.threadId, { continuation: first.continuation });
    await thread.run('Two');
    await thread.release();

    const error = await failure(resumed.run('Three'));

    expect(error)
      .to.have.nested.property('verdict.continuation.turnId')
      .that.equals(thread.continuation?.turnId);
  });
});
