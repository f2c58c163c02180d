import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  CodexError,
  OutcomeUnknownError,
  QueuedApprovals,
  TransportError,
  TurnLostError,
  type Codex,
  type Turn,
  type TurnEvent,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { freeze } from '../crash.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft, processesLeft } from '../root-hooks.js';

async function until(turn: Turn, isReached: (event: TurnEvent) => boolean): Promise<void> {
  const events = turn[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) throw new Error('The turn ended before it came that far.');
    if (isReached(value)) return;
  }
}

function sleepers(): readonly string[] {
  return processesLeft().filter((line) => line.endsWith('sleep 600'));
}

describe('A turn whose codex-rs is killed', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function processId(): Promise<number> {
    const { processId: pid } = await codex.serverInfo();
    if (pid === null) throw new Error('It has no process.');
    return pid;
  }

  it('before the acknowledgement has an unknown outcome, which the history resolves', async () => {
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const thread = codex.startThread();
    await thread.run('One');
    const pid = await processId();

    await freeze(pid);
    const ended = failure(thread.run('Two'));
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(pid, 'SIGKILL');
    const error = await ended;

    expect(error).to.be.instanceOf(OutcomeUnknownError);
    expect(await (error as OutcomeUnknownError).reconcile()).to.deep.equal({ status: 'absent' });
    expect((await thread.run('Three')).finalResponse).to.equal('Yes');
    expect(offline.model.requests).to.have.length(2);
    expect(offline.model.requests[1]?.userTexts).not.to.include('Two');
  });

  it('before a new thread has run starts the thread again with its next turn', async () => {
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const pid = await processId();
    const thread = codex.startThread();

    const ended = failure(thread.run('One'));
    while (thread.threadId === null) await new Promise((resolve) => setImmediate(resolve));
    process.kill(pid, 'SIGKILL');
    const error = await ended;
    const turn = await thread.run('Two');

    expect(error).to.satisfy(
      (value: unknown) => OutcomeUnknownError.is(value) || TurnLostError.is(value),
    );
    expect(turn.finalResponse).to.equal('Yes');
    expect(turn.threadId).to.equal(thread.threadId);
  });

  it('right after the acknowledgement was delivered and lost', async () => {
    offline.model.reply(
      ScriptedReply.gate(new Gate()).message('Never'),
      ScriptedReply.message('Next'),
    );
    const thread = codex.startThread();
    const turn = thread.runStreamed('One');
    await until(turn, ({ type }) => type === 'turn.started');
    await offline.model.request(0);

    process.kill(await processId(), 'SIGKILL');
    const error = await failure(turn.result());

    expect(error).to.be.instanceOf(TurnLostError);
    expect(error).to.include({ delivered: true, signal: 'SIGKILL', turnId: turn.turnId });
    expect((await thread.run('Two')).finalResponse).to.equal('Next');
  });

  it('in the middle of its text was delivered and lost', async () => {
    offline.model.reply(
      ScriptedReply.deltas('half ').gate(new Gate()).deltas('whole'),
      ScriptedReply.message('Next'),
    );
    const thread = codex.startThread();
    const turn = thread.runStreamed('One');
    await until(turn, ({ type }) => type === 'text.delta');

    process.kill(await processId(), 'SIGKILL');
    const error = await failure(turn.result());

    expect(error).to.be.instanceOf(TurnLostError);
    expect((await thread.run('Two')).finalResponse).to.equal('Next');
    expect((await codex.serverInfo()).generation).to.equal(2);
  });

  it('in the middle of a command was delivered and lost, and the command is gone', async () => {
    offline.model.reply(
      ScriptedReply.shellCommand('sleep 600', { yieldTimeMs: 60_000 }),
      ScriptedReply.message('Next'),
    );
    const thread = codex.startThread({ sandboxMode: 'danger-full-access' });
    const turn = thread.runStreamed('One');
    await until(
      turn,
      (event) => event.type === 'item.started' && event.item.type === 'commandExecution',
    );
    while (sleepers().length === 0) await new Promise((resolve) => setImmediate(resolve));

    process.kill(await processId(), 'SIGKILL');
    const error = await failure(turn.result());

    expect(error).to.be.instanceOf(TurnLostError);
    expect((await thread.run('Two')).finalResponse).to.equal('Next');
    expect(sleepers()).to.deep.equal([]);
  });

  it('while an approval is pending was delivered and lost, as is the approval', async () => {
    const file = join(offline.home.path, 'touched');
    offline.model.reply(ScriptedReply.shellCommand(`touch ${file}`), ScriptedReply.message('Next'));
    const approvals = new QueuedApprovals();
    const thread = codex.startThread({
      approvalPolicy: 'untrusted',
      sandboxMode: 'danger-full-access',
      approvals,
    });
    const ended = failure(thread.run('One'));
    const { value: waiting } = await approvals[Symbol.asyncIterator]().next();

    process.kill(await processId(), 'SIGKILL');
    const error = await ended;
    const next = await thread.run('Two');

    expect(error).to.be.instanceOf(TurnLostError);
    expect(approvals.list()).to.deep.equal([]);
    expect(() => {
      approvals.decide(waiting?.id ?? '', (request) => request.deny());
    }).to.throw(CodexError);
    expect(next.finalResponse).to.equal('Next');
    expect(existsSync(file)).to.equal(false);
  });

  it('rejects all pending calls, with typed errors', async () => {
    const pid = await processId();
    await freeze(pid);
    const resume = failure(codex.resumeThread('01a20000-0000-7000-8000-000000000000'));
    const open = failure(codex.startThread().open());
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(pid, 'SIGKILL');

    expect(await resume).to.include({ reason: 'backend-unavailable', retryable: true });
    expect(await open).to.be.instanceOf(TransportError);
    expect(await open).to.include({ signal: 'SIGKILL', retryable: true });
  });
});
