import { expect } from 'chai';
import { AskApprovals } from '../../lib/approvals/ask-approvals.js';
import { QueuedApprovals } from '../../lib/approvals/queued-approvals.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { ApprovingCodex } from './approving-codex.js';

const done = ScriptedReply.message('Done');
const settings = { approvalPolicy: 'untrusted' } as const;

describe('A command for which the real codex requests approval', function () {
  this.timeout(30_000);
  let codex: ApprovingCodex;
  before(async () => {
    codex = await ApprovingCodex.open();
  });
  after(async () => codex.real.close());

  /** Lets the model touch a new file; returns the end of the turn, and whether the file exists. */
  async function touch(): Promise<{ status: string; exists: boolean; threadId: string }> {
    const name = codex.newName();
    const threadId = await codex.real.thread(settings);
    const touching = ScriptedReply.shellCommand(`touch ${name}`);
    const { status } = await codex.real.run(threadId, [touching, done]);
    return { status, exists: codex.has(name), threadId };
  }

  it('creates a file if it is allowed', async () => {
    const asked = codex.useOnly('command', (request) => request.allow());

    const { status, exists } = await touch();

    expect({ status, exists }).to.deep.equal({ status: 'completed', exists: true });
    expect(asked[0]).to.include({ workingDirectory: codex.real.directory, source: 'command' });
    expect(asked[0]?.command).to.contain('touch file-');
    expect(codex.reports[0]).to.include({ decision: 'allow', why: 'handler' });
  });

  it('creates no file if it is denied, and the model does not get the reason', async () => {
    codex.useOnly('command', (request) => request.deny('canary reason'));

    const { status, exists, threadId } = await touch();

    const sent = JSON.stringify(codex.real.model.requests.map(({ body }) => body));
    expect({ status, exists }).to.deep.equal({ status: 'completed', exists: false });
    expect(codex.real.outputs(threadId)[0]).to.contain('rejected by user');
    expect(sent).to.not.contain('canary');
    expect(codex.reports[0]?.reason).to.equal('canary reason');
  });

  it('interrupts the turn if it is cancelled', async () => {
    codex.useOnly('command', (request) => request.cancel());

    const { status, exists } = await touch();

    expect({ status, exists }).to.deep.equal({ status: 'interrupted', exists: false });
  });

  it('creates no file without a handler', async () => {
    codex.use(null);

    const { status, exists } = await touch();

    expect({ status, exists }).to.deep.equal({ status: 'completed', exists: false });
    expect(codex.reports[0]?.why).to.equal('no-handler');
  });

  it('creates no file if the handler throws', async () => {
    codex.useOnly('command', () => {
      throw new Error('no idea');
    });

    const { status, exists } = await touch();

    expect({ status, exists }).to.deep.equal({ status: 'completed', exists: false });
    expect(codex.reports[0]?.why).to.equal('threw');
  });

  it('creates no file if the handler times out', async () => {
    codex.use(new AskApprovals(async () => new Promise(() => undefined), { timeoutMs: 20 }));

    const { status, exists } = await touch();

    expect({ status, exists }).to.deep.equal({ status: 'completed', exists: false });
    expect(codex.reports[0]?.why).to.equal('late');
  });

  it('is asked about once in a thread if it is allowed for the session', async () => {
    const asked = codex.useOnly('command', (request) => request.allowForSession());
    const again = ScriptedReply.shellCommand(`touch ${codex.newName()}`);
    const first = await codex.real.thread(settings);
    const second = await codex.real.thread(settings);

    await codex.real.run(first, [again, again, done]);
    await codex.real.run(second, [again, done]);

    expect(asked.map(({ threadId }) => threadId)).to.deep.equal([first, second]);
  });

  it('is not asked about again in any thread if it is always allowed for all threads', async () => {
    const asked = codex.useOnly('command', (request) => request.allowAlwaysForAllThreads());
    const name = codex.newName();
    const again = ScriptedReply.shellCommand(`touch ${name}`);

    await codex.real.run(await codex.real.thread(settings), [again, done]);
    await codex.real.run(await codex.real.thread(settings), [again, done]);

    expect(asked).to.have.length(1);
    expect(asked[0]?.proposedRule).to.deep.equal(['touch', name]);
    expect(codex.read('rules/default.rules')).to.contain(`["touch", "${name}"]`);
  });

  it('reaches the handler once if codex-rs asks again, and does not delay other threads', async () => {
    const queue = new QueuedApprovals();
    codex.use(queue);
    const name = codex.newName();
    const threadId = await codex.real.thread(settings);
    const touching = ScriptedReply.shellCommand(`touch ${name}`);
    const turnId = await codex.real.begin(threadId, [touching, done]);
    const { value } = await queue.arrivals().next();

    // A client that joins a thread receives its pending requests.
    await codex.real.session.request('thread/resume', { threadId, excludeTurns: true });
    const other = await codex.real.run(await codex.real.thread(settings), [done]);
    const waiting = queue.list();
    queue.decide(value!.id, (request) =>
      request.kind === 'command' ? request.allow() : request.deny(),
    );
    const { status } = await codex.real.end(turnId);

    expect(other.status).to.equal('completed');
    expect(waiting).to.deep.equal([value]);
    expect(status).to.equal('completed');
    expect(codex.has(name)).to.equal(true);
  });

  it('aborts the signal of its request when the turn is interrupted', async () => {
    const queue = new QueuedApprovals();
    codex.use(queue);
    const threadId = await codex.real.thread(settings);
    const turnId = await codex.real.begin(threadId, [ScriptedReply.shellCommand('touch never')]);
    const { value } = await queue.arrivals().next();
    const aborted = new Promise((resolve) => {
      value?.request.signal.addEventListener('abort', resolve);
    });

    await codex.real.session.request('turn/interrupt', { threadId, turnId });
    await aborted;

    expect((await codex.real.end(turnId)).status).to.equal('interrupted');
    expect(queue.list()).to.deep.equal([]);
  });
});
