import { expect } from 'chai';
import { CodexError, ContinuationToken, Secret, type Codex } from '../../../lib/index.js';
import { continuationToken, ScriptedReply } from '../../../lib/testing/index.js';
import { failure } from '../../outcomes.js';
import { OfflineCodex } from '../../offline-codex.js';
import { noProcessLeft } from '../../root-hooks.js';

describe('continuationToken', function () {
  this.timeout(20_000);
  const secret = 'a secret of the service';
  let offline: OfflineCodex;
  let codex: Codex;
  let threadId: string;
  let turnIds: string[];

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Done.'));
    codex = offline.client();
    const thread = codex.startThread();
    const turns = [await thread.run('One'), await thread.run('Two')];
    threadId = turns[0]!.threadId;
    turnIds = turns.map(({ turnId }) => turnId);
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function resume(continuation: ContinuationToken): Promise<unknown> {
    return codex.resumeThread(threadId, { continuation });
  }

  it('resumes a thread if it names its last turn', async () => {
    expect(await resume(continuationToken({ threadId, turnId: turnIds[1]! }))).to.include({
      threadId,
    });
  });

  it('is refused as stale if it names an earlier turn', async () => {
    const error = await failure(resume(continuationToken({ threadId, turnId: turnIds[0]! })));

    expect(error).to.include({ reason: 'stale' });
  });

  it('is refused as diverged if it names a turn that the thread does not have', async () => {
    const error = await failure(resume(continuationToken({ threadId, turnId: threadId })));

    expect(error).to.include({ reason: 'diverged' });
  });

  it('does not name a turn for a thread without one', () => {
    const text = String(continuationToken({ threadId, turnId: null }));

    expect(ContinuationToken.decode(text)).to.include({ threadId, turnId: null });
  });

  it('is signed if it is given a secret, as text or as a Secret', () => {
    for (const given of [secret, new Secret(secret)]) {
      const text = String(continuationToken({ threadId, turnId: null, secret: given }));

      expect(ContinuationToken.decode(text, new Secret(secret))).to.include({ threadId });
      expect(() => ContinuationToken.decode(text))
        .to.throw(CodexError)
        .with.property('code', 'tampered');
    }
  });
});
