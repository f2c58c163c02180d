import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import type { Codex, Thread } from '../../lib/index.js';
import { exportThread, type ThreadExport, type TurnDetails } from '../../lib/page/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { storyKey, storyOn } from './story.js';

const unknownId = '01890000-0000-7000-8000-000000000000';

describe('exportThread', function () {
  this.timeout(60_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let thread: Thread;
  let exported: ThreadExport;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
    thread = await storyOn(offline, codex);
    exported = await exportThread(offline.client(), thread.threadId!);
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function detailsOf(index: number): TurnDetails {
    return exported.details![exported.thread.turns[index]!.id]!;
  }

  it('reads the turns with their items while another client has the thread loaded', () => {
    expect(exported.thread.id).to.equal(thread.threadId);
    expect(exported.thread.turns.map(({ status }) => status)).to.deep.equal([
      'completed',
      'completed',
      'failed',
    ]);
    expect(exported.thread.turns[0]!.items.map(({ type }) => type)).to.deep.equal([
      'userMessage',
      'reasoning',
      'agentMessage',
      'commandExecution',
      'fileChange',
      'dynamicToolCall',
      'agentMessage',
    ]);
  });

  it('reads the labels', () => {
    expect(exported.labels).to.deep.equal({ ticket: 'PAY-123' });
  });

  it('reads the settings of each turn', () => {
    expect(detailsOf(0).settings).to.deep.equal({
      model: 'gpt-5.5',
      effort: null,
      approvalPolicy: 'untrusted',
      approvalsReviewer: 'user',
      sandbox: 'danger-full-access',
      workingDirectory: thread.threadOptions.workingDirectory,
    });
  });

  it('reads the tokens of each turn', () => {
    expect(detailsOf(0).usage).to.include({ inputTokens: 50, outputTokens: 25, totalTokens: 75 });
    expect(detailsOf(1).usage).to.include({ totalTokens: 30 });
    expect(detailsOf(2).usage).to.equal(null);
  });

  it('reads the calls without an item: the plan, and the refused command', () => {
    const [plan, ...others] = detailsOf(0).calls;

    expect(plan).to.include({ name: 'update_plan' });
    expect(others).to.deep.equal([]);
    expect(detailsOf(1).calls).to.have.length(1);
    expect(detailsOf(1).calls[0]!.arguments).to.contain('touch deployed');
    expect(detailsOf(1).calls[0]!.output).to.contain('rejected by user');
  });

  it('hides the key of the client', () => {
    const text = JSON.stringify(exported);

    expect(text).to.contain('not ok [redacted]');
    expect(text).not.to.contain(storyKey);
  });

  it('hides the values of variables with the name of a secret', async () => {
    const env = { ...offline.environment, DEPLOY_TOKEN: 'Let me look.' };

    const { thread: read } = await exportThread(offline.client({ env }), thread.threadId!);

    expect(JSON.stringify(exported)).to.contain('Let me look.');
    expect(JSON.stringify(read.turns)).not.to.contain('Let me look.');
  });

  it('is the same after a JSON round trip, and frozen', () => {
    expect(JSON.parse(JSON.stringify(exported))).to.deep.equal(exported);
    expect(exported.thread.turns).to.be.frozen;
  });

  it('reads the details of the turns before a revert from the earlier file', async () => {
    const other = offline.client();
    offline.model.reply(...['One', 'Two', 'Three'].map((text) => ScriptedReply.message(text)));
    const reverted = other.startThread();
    const { turnId: kept } = await reverted.run('First');
    const { turnId } = await reverted.run('Second');
    await reverted.revert({ before: turnId });
    await reverted.run('Third');

    const { thread: read, details } = await exportThread(other, reverted.threadId!);

    expect(read.turns).to.have.length(2);
    expect(read.turns[0]!.id).to.equal(kept);
    for (const { id } of read.turns) expect(details![id]!.usage!.totalTokens).to.equal(15);
  });

  it('fails with a code if the rollout file is missing', async () => {
    const other = offline.client();
    offline.model.reply(ScriptedReply.message('Yes'));
    const moved = other.startThread();
    await moved.run('Here?');
    const { path } = await moved.read();
    await rm(path!);

    const error = await failure(exportThread(other, moved.threadId!));

    expect(error).to.have.property('code');
  });

  it('is refused for an unknown thread', async () => {
    const error = await failure(exportThread(codex, unknownId));

    expect(error).to.include({ name: 'ThreadStateError', code: 'thread-unknown' });
  });
});
