import { expect } from 'chai';
import {
  ThreadBusyError,
  TransportError,
  TurnFailedError,
  type Codex,
  type Thread,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { processOf } from '../crash.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('thread.compact on the real codex-rs', function () {
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

  async function threadWithTurn(): Promise<Thread> {
    offline.model.reply(ScriptedReply.message('A long story'));
    const thread = codex.startThread();
    await thread.run('Tell a story');
    return thread;
  }

  it('waits for the compaction and returns the token of the turn that records it', async () => {
    const thread = await threadWithTurn();
    const before = thread.continuation;
    offline.model.reply(ScriptedReply.compaction('In short'), ScriptedReply.message('Next'));

    const compaction = await thread.compact();

    expect(compaction).to.be.frozen;
    expect(compaction.continuation).to.equal(thread.continuation);
    expect(compaction.continuation.turnId).to.equal(compaction.turnId);
    expect(compaction.turnId).not.to.equal(before?.turnId);
    expect(compaction.durationMs).to.be.a('number');
    await thread.run('And then?');
    expect(offline.model.requests[2]?.assistantTexts).not.to.include('A long story');
  });

  it('works on an ephemeral thread', async () => {
    offline.model.reply(ScriptedReply.message('Yes'), ScriptedReply.compaction('In short'));
    const thread = codex.startThread({ ephemeral: true });
    await thread.run('One');

    expect((await thread.compact()).turnId).to.equal(thread.continuation?.turnId);
  });

  it('is refused while a turn runs, and does not affect that turn', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('Done'));
    const thread = codex.startThread();
    const turn = thread.run('Slow');
    await gate.reached;

    const error = await failure(thread.compact());
    gate.open();

    expect(error).to.be.instanceOf(ThreadBusyError);
    expect(error).to.include({ code: 'thread-busy', holder: 'this-client', retryable: true });
    expect((await turn).finalResponse).to.equal('Done');
    expect(offline.model.requests).to.have.length(1);
  });

  it('delays the turns that follow it', async () => {
    const thread = await threadWithTurn();
    const gate = new Gate();
    offline.model.reply(
      ScriptedReply.gate(gate).compaction('In short'),
      ScriptedReply.message('Next'),
    );

    const compaction = thread.compact();
    const turn = thread.run('And then?');
    await gate.reached;
    const error = await failure(thread.compact());
    gate.open();

    expect(error).to.be.instanceOf(ThreadBusyError);
    expect((await compaction).turnId).to.be.a('string');
    expect((await turn).finalResponse).to.equal('Next');
  });

  it('throws if it fails, and the thread continues with a new token', async () => {
    const thread = await threadWithTurn();
    offline.model.reply(ScriptedReply.message('No compaction'), ScriptedReply.message('Next'));

    const error = await failure(thread.compact());

    expect(error).to.be.instanceOf(TurnFailedError);
    expect(thread.continuation?.turnId).to.equal((error as TurnFailedError).turnId);
    const { threadId, continuation } = thread;
    await codex.close();
    const resumed = await offline
      .client()
      .resumeThread(threadId ?? '', continuation === null ? {} : { continuation });
    expect((await resumed.run('Next')).finalResponse).to.equal('Next');
  });

  it('stops when its signal is aborted, with the reason of the signal', async () => {
    const thread = await threadWithTurn();
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).compaction('Late'), ScriptedReply.message('Next'));
    const controller = new AbortController();
    const reason = new Error('Enough');

    const compaction = failure(thread.compact({ signal: controller.signal }));
    await gate.reached;
    controller.abort(reason);

    expect(await compaction).to.equal(reason);
    expect(await failure(thread.compact({ signal: controller.signal }))).to.equal(reason);
    expect((await thread.run('Next')).finalResponse).to.equal('Next');
  });

  it('rejects if codex-rs dies, and the thread is resumed in its current state', async () => {
    const thread = await threadWithTurn();
    offline.model.reply(
      ScriptedReply.gate(new Gate()).compaction('Never'),
      ScriptedReply.message('Next'),
    );

    const compaction = failure(thread.compact());
    await offline.model.request(1);
    process.kill(await processOf(codex), 'SIGKILL');

    expect(await compaction).to.be.instanceOf(TransportError);
    expect((await thread.run('Next')).finalResponse).to.equal('Next');
  });

  it('is refused before the first turn, when there is no history to compact', async () => {
    const thread = codex.startThread();
    expect(await failure(thread.compact())).to.include({ code: 'thread-not-open' });

    await thread.open();

    expect(await failure(thread.compact())).to.include({ code: 'thread-never-ran' });
    expect(offline.model.requests).to.deep.equal([]);
  });
});
