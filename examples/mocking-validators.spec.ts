// How to test code that resumes threads: a stub of the validator decides. The thread need not exist; if the stub
// accepts a thread, only its labels are read from codex-rs, in a temporary home.
//
// npm run example mocking-validators
import { expect } from 'chai';
import sinon from 'sinon';
import {
  Codex,
  CodexRsResumeValidator,
  ResumeRejectedError,
  ResumeValidator,
  ThreadMetadata,
  type ResumeVerdict,
  type Thread,
} from '../lib/index.js';
import { PythonFixtureResumeValidator } from '../lib/parity/index.js';
import { TemporaryCodexHome } from '../lib/testing/index.js';

/** The code under test: continues the thread of a ticket, or returns the reason why it cannot. */
async function continueTicket(codex: Codex, threadId: string): Promise<Thread | string> {
  try {
    return await codex.resumeThread(threadId);
  } catch (error) {
    if (ResumeRejectedError.is(error)) return `Start over: ${error.reason}`;
    throw error;
  }
}

const threadId = '0199a213-81c0-7800-8aa1-bbab2a035a53';

const accepted: ResumeVerdict = {
  accepted: true,
  warnings: [],
  metadata: ThreadMetadata.fromJSON({
    id: threadId,
    sessionId: threadId,
    preview: 'Write the migration',
    ephemeral: false,
    modelProvider: 'openai',
    createdAt: 1_700_000_000,
    updatedAt: 1_700_000_000,
    status: { type: 'notLoaded' },
    cwd: '/repo',
    cliVersion: '0.169.0',
    source: 'vscode',
    turns: [],
  }),
};

describe('Stubs of resume validators', () => {
  let home: TemporaryCodexHome;

  before(async () => {
    home = await TemporaryCodexHome.create();
  });

  after(async () => {
    await home.remove();
  });

  it('accept a thread by default', async () => {
    // #region stub of ResumeValidator
    const resumeValidator = sinon.createStubInstance(ResumeValidator);
    resumeValidator.validate.resolves(accepted);
    await using codex = new Codex({ resumeValidator, codexHome: home.path });

    const thread = await continueTicket(codex, threadId);

    expect(thread).to.have.nested.property('metadata.preview', 'Write the migration');
    expect(resumeValidator.validate.firstCall.args[0]).to.include({ threadId, continuation: null });
    // #endregion
  });

  it('refuse a thread that advanced', async () => {
    // #region stub of CodexRsResumeValidator
    const resumeValidator = sinon.createStubInstance(CodexRsResumeValidator);
    const message = 'Two turns were added since.';
    resumeValidator.validate.resolves({ accepted: false, reason: 'stale', message, advancedBy: 2 });
    await using codex = new Codex({ resumeValidator, codexHome: home.path });

    expect(await continueTicket(codex, threadId)).to.equal('Start over: stale');
    // #endregion
  });

  it('refuse everything without a configured answer', async () => {
    // #region stub of PythonFixtureResumeValidator
    const resumeValidator = sinon.createStubInstance(PythonFixtureResumeValidator);
    await using codex = new Codex({ resumeValidator, codexHome: home.path });

    expect(await continueTicket(codex, threadId)).to.equal('Start over: unknown');
    // #endregion
  });
});
