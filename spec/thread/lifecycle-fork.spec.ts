import { expect } from 'chai';
import { ThreadStateError, ValidationError, type Codex, type Thread } from '../../lib/index.js';
import { Gate, ScriptedReply, type ScriptedRequest } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('thread.fork on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(`Answer to ${userTexts.at(-1) ?? ''}`),
    );
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function run(thread: Thread, ...inputs: readonly string[]): Promise<string[]> {
    const ids: string[] = [];
    for (const input of inputs) ids.push((await thread.run(input)).turnId);
    return ids;
  }

  async function turnIds(thread: Thread): Promise<string[]> {
    return (await collected(thread.turns({ itemsView: 'notLoaded' }))).map(({ id }) => id);
  }

  function lastRequest(): ScriptedRequest | undefined {
    return offline.model.requests.at(-1);
  }

  it('continues independently from the end of the thread', async () => {
    const thread = codex.startThread();
    const ids = await run(thread, 'One', 'Two');

    const fork = await thread.fork();
    await fork.run('Elsewhere');
    await thread.run('Here');

    expect(fork.threadId).not.to.equal(thread.threadId);
    expect(fork.metadata?.forkedFromId).to.equal(thread.threadId);
    expect((await turnIds(fork)).slice(0, 2)).to.deep.equal(ids);
    expect(await turnIds(fork)).to.have.length(3);
    expect(lastRequest()?.assistantTexts).not.to.include('Answer to Elsewhere');
  });

  it('ends with the turn of "at", or before the turn of "before"', async () => {
    const thread = codex.startThread();
    const [one = '', two = ''] = await run(thread, 'One', 'Two', 'Three');

    const [at, before, nothing] = await Promise.all([
      thread.fork({ at: two }),
      thread.fork({ before: two }),
      thread.fork({ before: one }),
    ]);

    expect(await turnIds(at)).to.deep.equal([one, two]);
    expect(await turnIds(before)).to.deep.equal([one]);
    expect(await turnIds(nothing)).to.deep.equal([]);
    expect(at.continuation?.turnId).to.equal(two);
    expect(nothing.continuation?.turnId).to.equal(null);
    expect((await nothing.run('First')).finalResponse).to.equal('Answer to First');
  });

  it('is resumed by its token in another process, even without a turn', async () => {
    const thread = codex.startThread();
    const [one = ''] = await run(thread, 'One');
    const forks = [await thread.fork(), await thread.fork({ before: one })];
    const visitor = offline.client();

    for (const fork of forks) {
      const { threadId, continuation } = fork;
      await fork.release();
      const resumed = await visitor.resumeThread(threadId ?? '', {
        continuation: String(continuation),
      });
      expect((await resumed.run('Again')).finalResponse).to.equal('Answer to Again');
    }
  });

  it('keeps model, effort, summary, tier, source and instructions, which codex-rs itself would not keep', async () => {
    const source = codex.startThread({
      model: 'gpt-5.5',
      modelReasoningEffort: 'high',
      modelReasoningSummary: 'detailed',
      serviceTier: 'priority',
      threadSource: 'the-source',
      developerInstructions: 'Mind the gap',
      sandboxMode: 'workspace-write',
    });
    await source.run('One');
    const own = lastRequest();

    await (await source.fork()).run('Elsewhere');

    const body = lastRequest()?.body ?? {};
    expect(body).to.deep.include({ model: 'gpt-5.5', service_tier: 'priority' });
    expect(body.reasoning).to.deep.equal(own?.body.reasoning);
    expect(JSON.stringify(body.input)).to.contain('Mind the gap');
    expect(lastRequest()?.turnMetadata).to.include({ sandbox_mode: 'workspace-write' });
  });

  it('keeps them even if this client has only the id of the thread', async () => {
    const source = codex.startThread({
      model: 'gpt-5.5',
      modelReasoningEffort: 'high',
      threadSource: 'the-source',
    });
    await source.run('One');

    const fork = await offline.client().forkThread(source.threadId ?? '');
    await fork.run('Elsewhere');

    expect(lastRequest()?.body).to.deep.include({ model: 'gpt-5.5' });
    expect(lastRequest()?.body.reasoning).to.include({ effort: 'high' });
    expect(fork.metadata?.threadSource).to.equal('the-source');
  });

  it('has the given settings, and the other settings of its source', async () => {
    const source = codex.startThread({ model: 'gpt-5.6-luna', modelReasoningEffort: 'high' });
    await source.run('One');

    const fork = await source.fork({ model: 'gpt-5.6-terra', threadSource: 'elsewhere' });
    await fork.run('Elsewhere');

    expect(fork.threadOptions).to.include({ model: 'gpt-5.6-terra', modelReasoningEffort: 'high' });
    expect(lastRequest()?.body).to.deep.include({ model: 'gpt-5.6-terra' });
    expect(lastRequest()?.body.reasoning).to.include({ effort: 'high' });
    expect(fork.metadata?.threadSource).to.equal('elsewhere');
    expect(source.threadOptions.model).to.equal('gpt-5.6-luna');
  });

  it('inherits the stored labels, overridden by the given ones', async () => {
    const source = codex.startThread({ labels: { team: 'payments', kind: 'bug' } });
    await source.run('One');

    const plain = await source.clone({ labels: { only: 'here' } }).fork();
    const labelled = await source.fork({ labels: { kind: 'feature', more: '1' } });

    expect(plain.labels.toJSON()).to.deep.equal({ team: 'payments', kind: 'bug' });
    expect(labelled.labels.toJSON()).to.deep.equal({
      team: 'payments',
      kind: 'feature',
      more: '1',
    });
    await labelled.run('Two');
    const stored = await codex.resumeThread(labelled.threadId ?? '');
    expect(stored.labels.toJSON()).to.deep.equal(labelled.labels.toJSON());
    expect((await codex.resumeThread(source.threadId ?? '')).labels.get('kind')).to.equal('bug');
  });

  it('works while another process has the source loaded, and while a turn of the source runs', async () => {
    const gate = new Gate();
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.at(-1) === 'Slow',
      ScriptedReply.gate(gate).message('Done'),
    );
    const thread = codex.startThread();
    const [one = ''] = await run(thread, 'One');
    const turn = thread.run('Slow');
    await gate.reached;

    const own = await thread.fork({ at: one });
    const foreign = await offline.client().forkThread(thread.threadId ?? '', { at: one });
    gate.open();
    await turn;

    expect(await turnIds(own)).to.deep.equal([one]);
    expect(await turnIds(foreign)).to.deep.equal([one]);
  });

  it('copies the history known to this client, even if the thread continued in another process', async () => {
    const thread = codex.startThread();
    const [one = ''] = await run(thread, 'One');
    await thread.release();
    const other = await offline.client().resumeThread(thread.threadId ?? '');
    await other.run('Two, elsewhere');

    expect(await turnIds(await thread.fork())).to.deep.equal([one]);
  });

  it('may be ephemeral: it has the history but is not stored', async () => {
    const thread = codex.startThread({ labels: { team: 'payments' } });
    await thread.run('One');

    const side = await thread.fork({ ephemeral: true });
    await side.run('By the way');

    expect(side.durability).to.equal('memory');
    expect(side.labels.toJSON()).to.deep.equal({ team: 'payments' });
    expect(lastRequest()?.assistantTexts).to.include('Answer to One');
    expect(await failure(collected(side.turns()))).to.be.instanceOf(ThreadStateError);
  });

  it('counts only tokens of its own turns', async () => {
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.at(-1) === 'Counted',
      ScriptedReply.message('Yes').usage({ inputTokens: 70, outputTokens: 7 }),
    );
    const thread = codex.startThread();
    await run(thread, 'One', 'Two');

    const { usage } = await (await thread.fork()).run('Counted');

    expect(usage?.totalTokens).to.equal(77);
  });

  describe('is refused', () => {
    it('for a thread that never ran, and before anything is sent', async () => {
      const thread = codex.startThread();
      expect(await failure(thread.fork())).to.include({ code: 'thread-not-open' });
      await thread.open();

      expect(await failure(thread.fork())).to.include({ code: 'thread-never-ran' });
    });

    it('for a turn that the thread does not contain', async () => {
      const thread = codex.startThread();
      await thread.run('One');

      const error = await failure(thread.fork({ at: '01a20000-0000-7000-8000-000000000000' }));

      expect(error).to.be.instanceOf(ThreadStateError);
      expect(error).to.include({ code: 'turn-unknown', threadId: thread.threadId });
    });

    it('for a running turn', async () => {
      const gate = new Gate();
      offline.model.replyOnceWhen(
        ({ userTexts }) => userTexts.at(-1) === 'Running',
        ScriptedReply.gate(gate).message('Done'),
      );
      const thread = codex.startThread();
      const turn = thread.run('Running');
      await gate.reached;

      const error = await failure(thread.fork({ at: thread.continuation?.turnId ?? '' }));
      gate.open();
      await turn;

      expect(error).to.include({ code: 'turn-in-progress' });
    });

    it('for two points at once, and for an invalid point', async () => {
      const thread = codex.startThread();
      await thread.run('One');

      expect(await failure(thread.fork({ at: 'a', before: 'b' }))).to.be.instanceOf(
        ValidationError,
      );
      expect(await failure(thread.fork({ at: '' }))).to.be.instanceOf(ValidationError);
      expect(await failure(thread.fork({ befor: 'x' } as never))).to.be.instanceOf(ValidationError);
    });

    it('for an archived thread, a deleted thread, and an invalid id', async () => {
      const thread = codex.startThread();
      await thread.run('One');
      await thread.archive();
      expect(await failure(thread.fork())).to.include({ code: 'thread-archived' });

      await thread.delete();

      expect(await failure(thread.fork())).to.include({ code: 'thread-unknown' });
      expect(await failure(codex.forkThread('not-a-uuid'))).to.be.instanceOf(ValidationError);
    });
  });
});
