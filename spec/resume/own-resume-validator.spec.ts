import { expect } from 'chai';
import { TeamResumeValidator } from '../../examples/own-resume-validator.js';
import { ResumeRejectedError } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('The validator of examples/own-resume-validator.ts', function () {
  this.timeout(20_000);

  it('allows only the team in the labels of a thread to continue it', async () => {
    await using offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const codex = offline.client({ resumeValidator: new TeamResumeValidator('payments') });
    const { threadId } = await codex.startThread({ labels: { team: 'payments' } }).run('Hi');

    const resumed = await codex.resumeThread(threadId);
    const refused = await failure(
      codex.resumeThread(threadId, { resumeValidator: new TeamResumeValidator('search') }),
    );

    expect(resumed.threadId).to.equal(threadId);
    expect(refused)
      .to.be.instanceOf(ResumeRejectedError)
      .with.property('reason', 'metadata-mismatch');
    await codex.close();
    await noProcessLeft();
  });
});
