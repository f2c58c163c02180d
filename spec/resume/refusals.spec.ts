import { expect } from 'chai';
import { AppServerSession } from '../../lib/wire/app-server-session.js';
import {
  CodexOptions,
  RequestError,
  ResumeRejectedError,
  TransportError,
  type ResumeRejection,
} from '../../lib/index.js';
import { launchPlan } from '../../lib/launch.js';
import { refusal } from '../../lib/resume/refusal.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

const unknownId = '01a20000-0000-7000-8000-000000000000';

describe('The refusal of codex-rs to continue a thread', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let server: AppServerSession;
  let ranThread: string;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const codex = offline.client();
    ranThread = (await codex.startThread().run('Hi')).threadId;
    server = await AppServerSession.open(
      launchPlan(CodexOptions.from(offline.options), process.env).plan,
    );
  });

  after(async () => {
    await server.close();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function reasonOf(request: Promise<unknown>): Promise<ResumeRejection> {
    const error = await failure(request);
    if (!RequestError.is(error)) throw error;
    const verdict = refusal(error);
    expect(error.rpcCode, 'the code tells nothing apart').to.be.oneOf([-32600, -32601]);
    expect(verdict.evidence).to.include({ serverMessage: error.serverMessage });
    return verdict.reason;
  }

  it('with an invalid id is malformed-id', async () => {
    expect(await reasonOf(server.request('thread/read', { threadId: 'x' }))).to.equal(
      'malformed-id',
    );
  });

  it('for an unknown thread is unknown-thread, in all three wordings', async () => {
    const threadId = unknownId;
    const reasons = [
      await reasonOf(server.request('thread/read', { threadId })),
      await reasonOf(server.request('thread/resume', { threadId })),
      await reasonOf(server.request('turn/start', { threadId, input: [] })),
    ];

    expect(reasons).to.deep.equal(['unknown-thread', 'unknown-thread', 'unknown-thread']);
  });

  it('for a thread that never ran is never-ran, also after a request for its turns', async () => {
    const { thread } = await server.request('thread/start', {});
    const threadId = thread.id;
    const reasons = [
      await reasonOf(server.request('thread/turns/list', { threadId })),
      await reasonOf(server.request('thread/read', { threadId, includeTurns: true })),
    ];

    expect(reasons).to.deep.equal(['never-ran', 'never-ran']);
  });

  it('for a thread loaded by another process is busy', async () => {
    expect(await reasonOf(server.request('thread/resume', { threadId: ranThread }))).to.equal(
      'busy',
    );
  });

  it('for an archived thread is archived', async () => {
    const codex = offline.client();
    const { threadId } = await codex.startThread().run('Hi');
    await codex.archiveThread(threadId);

    expect(await reasonOf(server.request('thread/resume', { threadId }))).to.equal('archived');
  });

  it('for a thread whose provider is no longer configured is provider-missing', async () => {
    const provider = {
      name: 'Gone',
      base_url: offline.model.baseUrl,
      wire_api: 'responses',
      env_key: 'GONE_KEY',
    };
    const codex = offline.client({
      config: { model_providers: { gone: provider } },
      env: { ...offline.environment, GONE_KEY: 'spec-key-1234567890' },
    });
    const thread = codex.startThread({ modelProvider: 'gone' });
    const { threadId } = await thread.run('Hi');
    await codex.close();

    expect(await reasonOf(server.request('thread/resume', { threadId }))).to.equal(
      'provider-missing',
    );
    const resumed = await offline.client().resumeThread(threadId);
    expect(await failure(resumed.open())).to.include({ reason: 'provider-missing' });
  });

  // Cases that need unlucky timing, or an older codex-rs, are covered only by their messages.
  for (const [words, reason] of [
    [`thread ${unknownId} is closing; retry`, 'busy'],
    ['rollout at /x.jsonl is empty', 'unreadable-history'],
    ['list_turns is not supported yet', 'never-ran'],
    ['invalid session id: x', 'malformed-id'],
    ['the moon is in the wrong place', 'unknown'],
  ] as const)
    it(`is ${reason} for the message "${words}"`, () => {
      const error = new RequestError({
        method: 'thread/resume',
        rpcCode: -32600,
        serverMessage: words,
      });

      expect(refusal(error)).to.deep.include({
        accepted: false,
        reason,
        evidence: { method: 'thread/resume', serverMessage: words },
      });
    });

  it('is null if codex-rs cannot be reached', () => {
    const gone = new TransportError('gone', { code: 'process-exited' });

    const never = new TransportError('never', { code: 'start-failed', retryable: false });

    expect(refusal(gone)).to.include({ reason: 'backend-unavailable' });
    const errors = [gone, never].map((error) => new ResumeRejectedError('T', refusal(error)));
    expect(errors.map(({ retryable }) => retryable)).to.deep.equal([true, false]);
    expect(refusal(new Error('odd'))).to.include({ reason: 'unknown' });
  });
});
