import { expect } from 'chai';
import { ContinuationToken, ValidationError, type Codex, type Thread } from '../../lib/index.js';
import { Gate, ScriptedReply, type ScriptedRequest } from '../../lib/testing/index.js';
import { failure } from '../failure.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

/** What the model request says of the settings a turn ran with. */
function settingsOf(request: ScriptedRequest | undefined): Record<string, unknown> {
  const reasoning = request?.body.reasoning as { effort?: string; summary?: string } | undefined;
  const permissions = request?.instructionsTexts.findLast((text) =>
    text.startsWith('<permissions instructions>'),
  );
  return {
    model: request?.model,
    effort: reasoning?.effort,
    summary: reasoning?.summary,
    sandbox: /`sandbox_mode` is `([a-z-]+)`|Filesystem sandboxing.*?`([a-z-]+)`/s
      .exec(permissions ?? '')
      ?.slice(1)
      .join(''),
  };
}

describe('Settings for one turn', function () {
  this.timeout(20_000);
  const own = { model: 'gpt-5.5' } as const;
  const other = {
    model: 'gpt-5',
    modelReasoningEffort: 'low',
    modelReasoningSummary: 'detailed',
    sandboxMode: 'danger-full-access',
    approvalPolicy: 'never',
  } as const;
  let offline: OfflineCodex;
  let codex: Codex;
  let plain: Record<string, unknown>;
  let changed: Record<string, unknown>;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const thread = offline.client().startThread(own);
    await thread.run('plain');
    plain = settingsOf(offline.model.requests.at(-1));
    await thread.run('changed', { options: other });
    changed = settingsOf(offline.model.requests.at(-1));
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

  async function ranWith(thread: Thread): Promise<Record<string, unknown>> {
    await thread.run('next');
    return settingsOf(offline.model.requests.at(-1));
  }

  /** What a process that knows nothing but the id makes of it. */
  async function ranElsewhere(threadId: string): Promise<Record<string, unknown>> {
    await using elsewhere = offline.client();
    return await ranWith(await elsewhere.resumeThread(threadId));
  }

  it('reach the model for that turn', () => {
    expect(changed).to.include({ model: 'gpt-5', effort: 'low', summary: 'detailed' });
    expect(changed.sandbox).not.to.equal(plain.sandbox);
    expect(changed.sandbox).to.be.a('string');
  });

  it('do not reach the next turn, nor a second process', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    const { threadId } = await thread.run('changed', { options: other });

    expect(await ranWith(thread)).to.deep.equal(plain);
    await codex.close();
    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('of a clone do not reach the thread it was cloned from', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    await thread.clone({ options: other }).run('changed');

    expect(settingsOf(offline.model.requests.at(-1))).to.deep.equal(changed);
    expect(await ranWith(thread)).to.deep.equal(plain);
  });

  it('that bypass approvals and the sandbox hold for that turn only', async () => {
    const approvalMode = 'dangerouslyBypassApprovalsAndSandbox';
    const thread = codex.startThread(own);

    const { threadId } = await thread.run('bypassed', { options: { approvalMode } });

    expect(settingsOf(offline.model.requests.at(-1)).sandbox).to.equal(changed.sandbox);
    expect(await ranWith(thread)).to.deep.equal(plain);
    await codex.close();
    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('take a bypass of approvals and the sandbox back only with a sandbox', async () => {
    const approvalMode = 'dangerouslyBypassApprovalsAndSandbox';
    const thread = codex.startThread({ ...own, approvalMode });
    expect((await ranWith(thread)).sandbox).to.equal(changed.sandbox);

    const refused = await failure(thread.run('on', { options: { approvalMode: 'denyAll' } }));
    await thread.run('on', { options: { approvalMode: 'denyAll', sandboxMode: 'read-only' } });
    const held = settingsOf(offline.model.requests.at(-1));

    expect(ValidationError.is(refused) && refused.problems[0]?.path).to.equal('approvalMode');
    expect(held.sandbox).to.equal(plain.sandbox);
    expect((await ranWith(thread)).sandbox).to.equal(changed.sandbox);
  });

  it('of the very first turn do not reach the second', async () => {
    const thread = codex.startThread(own);
    await thread.clone({ options: other }).run('changed');

    expect(await ranWith(thread)).to.deep.equal(plain);
  });

  it('do not outlive a failed turn', async () => {
    const thread = codex.startThread(own);
    const { threadId } = await thread.run('first');
    offline.model.reply(ScriptedReply.status(400, { error: { message: 'no' } }));
    await failure(thread.run('changed', { options: other }));
    await codex.close();

    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('do not outlive an interrupted turn', async () => {
    const thread = codex.startThread(own);
    const { threadId } = await thread.run('first');
    offline.model.reply(ScriptedReply.deltas('half').gate(new Gate()));
    const turn = thread.runStreamed('changed', { options: other });
    for await (const event of turn) if (event.type === 'text.delta') break;
    await codex.close();

    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('do not outlive a killed process: whoever loads the thread puts its own back', async () => {
    const thread = codex.startThread(own);
    const { threadId } = await thread.run('first');
    offline.model.reply(ScriptedReply.deltas('half').gate(new Gate()));
    const turn = thread.runStreamed('changed', { options: other });
    const events = turn[Symbol.asyncIterator]();
    let event = await events.next();
    while (event.done !== true && event.value.type !== 'text.delta') event = await events.next();
    process.kill((await codex.serverInfo()).processId ?? 0, 'SIGKILL');
    await failure(turn.result());

    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('do not outlive a kill either when the thread is restored from a snapshot', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    offline.model.reply(ScriptedReply.deltas('half').gate(new Gate()));
    const turn = thread.runStreamed('changed', { options: other });
    const events = turn[Symbol.asyncIterator]();
    let event = await events.next();
    while (event.done !== true && event.value.type !== 'text.delta') event = await events.next();
    const snapshot: unknown = JSON.parse(JSON.stringify(thread));
    process.kill((await codex.serverInfo()).processId ?? 0, 'SIGKILL');
    await failure(turn.result());
    await using elsewhere = offline.client();

    expect(await ranWith(await elsewhere.restoreThread(snapshot))).to.deep.equal(plain);
  });

  it('are put back by the token alone, also in a client that still has the thread', async () => {
    const thread = codex.startThread(own);
    const { threadId, turnId } = await thread.run('first');
    await thread.release();
    const baseline = { effort: 'low' };
    const continuation = ContinuationToken.issue({ threadId, turnId, baseline });

    const again = await codex.resumeThread(threadId, { continuation });

    expect(await ranWith(again)).to.include({ effort: 'low' });
    expect(await ranWith(thread)).to.include({ effort: 'low' });
  });

  it('that cannot be put back are refused before anything is sent', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    const sent = offline.model.requests.length;

    const error = await failure(
      thread.run('no', { options: { baseInstructions: 'Be brief', trustProject: true } }),
    );

    expect(error).to.be.instanceOf(ValidationError);
    expect((error as ValidationError).problems.map(({ path }) => path)).to.have.members([
      'baseInstructions',
      'trustProject',
    ]);
    expect(offline.model.requests).to.have.length(sent);
  });

  it('are refused to a client without the experimental part of the protocol, which puts them back', async () => {
    await codex.close();
    codex = offline.client({ experimentalApi: false });
    const thread = codex.startThread(own);
    await thread.run('first');

    const error = await failure(thread.run('no', { options: { modelReasoningEffort: 'low' } }));

    expect(error).to.be.instanceOf(ValidationError);
    expect(error).to.have.property('message').that.contains('experimentalApi: false');
    expect(await ranWith(thread)).to.deep.equal(plain);
  });

  it('on resume are the saved ones: model, effort and provider are not sent', async () => {
    const { threadId } = await codex
      .startThread({ model: 'gpt-5', modelReasoningEffort: 'low' })
      .run('Hi');
    await codex.close();

    const ran = await ranElsewhere(threadId);

    expect(ran).to.include({ model: 'gpt-5', effort: 'low' });
  });
});
