import { expect } from 'chai';
import sinon from 'sinon';
import {
  ContinuationToken,
  ResumeRejectedError,
  ResumeValidator,
  type ResumeRejection,
  type ResumeVerdict,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

async function rejection(promise: Promise<unknown>): Promise<ResumeRejectedError> {
  try {
    await promise;
  } catch (error) {
    if (ResumeRejectedError.is(error)) return error;
    throw error;
  }
  throw new Error('It was not rejected.');
}

describe('codex.resumeThread', function () {
  this.timeout(20_000);
  const unknownId = '01a20000-0000-7000-8000-000000000000';
  let offline: OfflineCodex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function reason(threadId: string, continuation?: string): Promise<ResumeRejection> {
    const options = continuation === undefined ? {} : { continuation };
    return (await rejection(offline.client().resumeThread(threadId, options))).reason;
  }

  it('refuses an unknown thread', async () => {
    expect(await reason(unknownId)).to.equal('unknown-thread');
  });

  it('refuses an invalid token', async () => {
    expect(await reason(unknownId, 'abc')).to.equal('malformed-token');
  });

  it('refuses a token with one character changed', async () => {
    const { threadId, continuation } = await offline.client().startThread().run('Hi');
    const text = String(continuation);
    const damaged = text.replace(
      /^(.{12})(.)/,
      (_, head: string, one: string) => `${head}${one === 'A' ? 'B' : 'A'}`,
    );

    expect(await reason(threadId, damaged)).to.equal('malformed-token');
  });

  it('refuses the token of another thread', async () => {
    const { continuation } = await offline.client().startThread().run('Hi');

    expect(await reason(unknownId, String(continuation))).to.equal('foreign');
  });

  it('refuses an unsigned token, and one signed with another secret, if a secret is set', async () => {
    const [ours, theirs] = ['a-secret-of-this-service', 'a-secret-of-another-one'];
    const signing = offline.client({ continuationSecret: theirs });
    const thread = signing.startThread();
    const { threadId, continuation: signed } = await thread.run('Hi');
    const snapshot: unknown = JSON.parse(JSON.stringify(thread));
    const { turnId } = signed;
    const unsigned = ContinuationToken.issue({ threadId, turnId });
    await signing.close();
    const [codex, trusting] = [ours, theirs].map((continuationSecret) =>
      offline.client({ continuationSecret }),
    );

    const reasons = [
      await rejection(codex!.resumeThread(threadId, { continuation: signed })),
      await rejection(codex!.resumeThread(threadId, { continuation: unsigned })),
      await rejection(codex!.restoreThread(snapshot)),
      await rejection(trusting!.resumeThread(threadId, { continuation: unsigned })),
    ].map((error) => error.reason);

    expect(reasons).to.deep.equal(['tampered', 'tampered', 'tampered', 'tampered']);
    expect((await trusting!.restoreThread(snapshot)).threadId).to.equal(threadId);
  });

  it('accepts the explicit acceptance of a validator, and requests the rest from codex-rs', async () => {
    const { threadId } = await offline.client().startThread().run('Hi');
    const resumeValidator = sinon.createStubInstance(ResumeValidator);
    resumeValidator.validate.resolves({ accepted: true } as ResumeVerdict);
    const codex = offline.client({ resumeValidator });

    const thread = await codex.resumeThread(threadId);
    const gone = await rejection(codex.resumeThread(unknownId));

    expect(thread.metadata).to.include({ threadId, preview: 'Hi' });
    expect(gone.reason).to.equal('unknown-thread');
  });

  it('refuses an archived thread and names the remedy', async () => {
    const codex = offline.client();
    const { threadId } = await codex.startThread().run('Hi');
    await codex.close();
    await archive(offline, threadId);

    const error = await rejection(offline.client().resumeThread(threadId));

    expect(error.reason).to.equal('archived');
    expect(error.message).to.contain('unarchive');
  });

  it('refuses the first turn of a thread that another process has loaded', async () => {
    const owner = offline.client();
    const { threadId } = await owner.startThread().run('Hi');
    const visitor = await offline.client().resumeThread(threadId);

    const error = await rejection(visitor.run('Mine now'));

    expect(error.reason).to.equal('busy');
    expect(error.retryable).to.equal(true);
  });
});

async function archive(offline: OfflineCodex, threadId: string): Promise<void> {
  const { AppServerSession } = await import('../../lib/wire/app-server-session.js');
  const { launchPlan } = await import('../../lib/launch.js');
  const { CodexOptions } = await import('../../lib/index.js');
  const { plan } = launchPlan(CodexOptions.from(offline.options), process.env);
  await using session = await AppServerSession.open(plan);
  await session.request('thread/archive', { threadId });
}
