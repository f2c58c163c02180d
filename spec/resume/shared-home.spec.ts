import { expect } from 'chai';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Codex, ThreadOptionsRecord } from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { crash } from '../crash.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('A thread in a home that two machines share', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let here: Codex;
  let there: Codex;
  let outside: string;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    here = offline.client({ sqliteHome: join(offline.home.path, 'here') });
    there = offline.client({ sqliteHome: join(offline.home.path, 'there') });
    outside = join(offline.home.path, 'outside');
    mkdirSync(outside);
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('has its labels on both, regardless of which one has changed them', async () => {
    const thread = here.startThread({ labels: { ticket: 'PAY-1', state: 'new' } });
    const { threadId } = await thread.run('One');
    await thread.release();

    const moved = await there.resumeThread(threadId);
    await moved.setLabels({ ticket: 'PAY-1', state: 'done' });
    const back = await here.resumeThread(threadId);

    expect(moved.labels.toJSON()).to.deep.equal({ ticket: 'PAY-1', state: 'new' });
    expect(back.labels.toJSON()).to.deep.equal({ ticket: 'PAY-1', state: 'done' });
    const found = [];
    for await (const each of there.findThreads({ state: 'done' })) found.push(each.threadId);
    expect(found).to.deep.equal([threadId]);
  });

  it('finds a turn by its key if the database does not contain it yet', async () => {
    const thread = here.startThread();
    const { threadId } = await thread.run('One');
    await thread.release();
    const moved = await there.resumeThread(threadId);
    await moved.run('Two');
    await moved.release();
    const again = await here.resumeThread(threadId);
    const { turnId } = await again.run('Three', { idempotencyKey: 'key-3' });
    await again.release();

    const found = await moved.findTurn('key-3');

    expect(found).to.include({ id: turnId, status: 'completed' });
    expect(await moved.findTurn('key-4')).to.equal(null);
  });

  it('leaves no record after it is deleted', async () => {
    const records = join(offline.home.path, 'codex-threads', 'threads');
    const thread = here.startThread({ labels: { ticket: 'PAY-2' } });
    const { threadId } = await thread.run('One');
    const before = readdirSync(records);

    await thread.delete();

    expect(before).to.include(`${threadId}.json`);
    expect(readdirSync(records)).to.not.include(`${threadId}.json`);
  });

  it('keeps its sandbox and its settings after a kill during a turn with others', async () => {
    const own = { sandboxMode: 'workspace-write', approvalPolicy: 'on-request' } as const;
    const thread = here.startThread({ ...own, workingDirectory: outside });
    const { threadId } = await thread.run('One');
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('Never'));
    const options: ThreadOptionsRecord = {
      sandboxMode: 'danger-full-access',
      approvalPolicy: 'never',
      modelReasoningEffort: 'low',
      workingDirectory: offline.home.path,
    };
    const lost = failure(thread.run('Two', { options }));
    await gate.reached;
    await crash(here);
    await lost;

    const moved = await there.resumeThread(threadId);
    await moved.open();
    const { sandbox, approvalPolicy, cwd, reasoningEffort } = await there.request('thread/resume', {
      threadId,
    });

    expect(sandbox.type).to.equal('workspaceWrite');
    expect([approvalPolicy, cwd]).to.deep.equal(['on-request', outside]);
    expect(reasoningEffort).to.not.equal('low');
  });
});
