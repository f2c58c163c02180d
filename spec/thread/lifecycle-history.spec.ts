import { expect } from 'chai';
import {
  ResumeRejectedError,
  ThreadStateError,
  ValidationError,
  type Codex,
  type RecordedItem,
  type Thread,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { legacyThread } from './legacy-thread.js';

function typesOf(items: readonly RecordedItem[]): string[] {
  return items.map(({ item }) => item.type);
}

describe('On the real codex-rs, a thread', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function withTurns(...inputs: readonly string[]): Promise<[Thread, string[]]> {
    const thread = codex.startThread();
    const ids: string[] = [];
    for (const input of inputs) ids.push((await thread.run(input)).turnId);
    return [thread, ids];
  }

  describe('is read', () => {
    it('without its turns by default', async () => {
      const [thread, turnIds] = await withTurns('One', 'Two');

      const bare = await thread.read();
      const whole = await thread.read({ includeTurns: true });

      expect(bare.threadId).to.equal(thread.threadId);
      expect(bare.turns).to.deep.equal([]);
      expect(whole.turns.map(({ id }) => id)).to.deep.equal(turnIds);
      expect(whole.turns[0]?.items.map(({ type }) => type)).to.deep.equal([
        'userMessage',
        'agentMessage',
      ]);
      expect(thread.metadata?.toJSON()).to.deep.include({ id: bare.threadId, turns: [] });
    });

    it('while another process has it loaded, and while a turn runs there', async () => {
      const gate = new Gate();
      offline.model.replyOnceWhen(
        ({ userTexts }) => userTexts.includes('Slow'),
        ScriptedReply.gate(gate).message('Done'),
      );
      const thread = codex.startThread();
      const turn = thread.run('Slow');
      await gate.reached;
      const visitor = await offline.client().resumeThread(thread.threadId ?? '');

      const { turns } = await visitor.read({ includeTurns: true });
      gate.open();
      await turn;

      expect(turns).to.have.length(1);
      expect(turns[0]?.items.map(({ type }) => type)).to.deep.equal(['userMessage']);
    });

    it('if it was opened and never ran', async () => {
      const thread = codex.startThread();
      const threadId = await thread.open();

      expect((await thread.read({ includeTurns: true })).threadId).to.equal(threadId);
      expect(await collected(thread.turns())).to.deep.equal([]);
      expect(await collected(thread.items())).to.deep.equal([]);
    });

    it('only after it is opened, with an error that explains how', async () => {
      const error = await failure(codex.startThread().read());

      expect(error).to.be.instanceOf(ThreadStateError);
      expect(error).to.include({ code: 'thread-not-open', threadId: null });
      expect(String(error)).to.contain('open()');
    });

    it('only before it is deleted', async () => {
      const [thread] = await withTurns('One');
      await thread.delete();

      expect(await failure(thread.read())).to.include({ code: 'thread-unknown' });
      expect(await failure(collected(thread.turns()))).to.include({ code: 'thread-unknown' });
      expect(await failure(collected(thread.items()))).to.include({ code: 'thread-unknown' });
    });
  });

  describe('returns its turns and items', () => {
    it('over all pages, in either order', async () => {
      const inputs = Array.from({ length: 55 }, (_, index) => String(index));
      const [thread, turnIds] = await withTurns(...inputs);

      const turns = await collected(thread.turns());
      const newest = await collected(
        thread.turns({ order: 'newestFirst', itemsView: 'notLoaded' }),
      );
      const items = await collected(thread.items());

      expect(turns.map(({ id }) => id)).to.deep.equal(turnIds);
      expect(newest.map(({ id }) => id)).to.deep.equal([...turnIds].reverse());
      expect(newest[0]?.items).to.deep.equal([]);
      expect(items).to.have.length(110);
      expect(items[0]).to.deep.include({ turnId: turnIds[0] });
      expect((await collected(thread.items({ order: 'newestFirst' })))[0]?.turnId).to.equal(
        turnIds.at(-1),
      );
    });

    it('for the history of an older codex-rs, which does not list items separately', async () => {
      const { threadId } = await legacyThread(offline);
      const thread = await codex.resumeThread(threadId);

      const items = await collected(thread.items());
      const newest = await collected(thread.items({ order: 'newestFirst' }));

      expect(typesOf(items)).to.deep.equal(['userMessage', 'agentMessage']);
      expect(typesOf(newest)).to.deep.equal(['agentMessage', 'userMessage']);
    });

    it('and stops its requests when the reader leaves', async () => {
      const [thread, turnIds] = await withTurns('One', 'Two');

      for await (const { id } of thread.turns()) {
        expect(id).to.equal(turnIds[0]);
        break;
      }
    });
  });

  describe('is named', () => {
    it('for lists and for its own metadata', async () => {
      const [thread] = await withTurns('One');

      await thread.setName('The red build');

      expect(thread.metadata?.name).to.equal('The red build');
      expect((await thread.read()).name).to.equal('The red build');
      const found = await collected(codex.listThreads({ search: 'red build' }));
      expect(found.map(({ threadId }) => threadId)).to.deep.equal([thread.threadId]);
    });

    it('from another process, while its owner has it loaded', async () => {
      const [thread] = await withTurns('One');
      const visitor = await offline.client().resumeThread(thread.threadId ?? '');

      await visitor.setName('Named from outside');

      expect((await thread.read()).name).to.equal('Named from outside');
    });

    it('with a non-blank name', async () => {
      const [thread] = await withTurns('One');

      expect(await failure(thread.setName(' '))).to.be.instanceOf(ValidationError);
    });

    it('but not while it is archived', async () => {
      const [thread] = await withTurns('One');
      await thread.archive();

      expect(await failure(thread.setName('x'))).to.include({ code: 'thread-archived' });
    });
  });

  describe('is relabelled', () => {
    it('replacing the stored labels, without a change to this value', async () => {
      const thread = codex.startThread({ labels: { team: 'payments', old: '1' } });
      await thread.run('One');

      const relabelled = await thread.setLabels({ team: 'risk' });

      expect(thread.labels.toJSON()).to.deep.equal({ team: 'payments', old: '1' });
      expect(relabelled.labels.toJSON()).to.deep.equal({ team: 'risk' });
      expect(relabelled.threadId).to.equal(thread.threadId);
      const resumed = await codex.resumeThread(thread.threadId ?? '');
      expect(resumed.labels.toJSON()).to.deep.equal({ team: 'risk' });
      expect(await collected(codex.findThreads({ old: '1' }))).to.deep.equal([]);
    });

    it('before its first turn, which stores the labels', async () => {
      const opened = codex.startThread({ labels: { team: 'payments' } });
      await opened.open();
      const relabelled = await opened.setLabels({ team: 'risk' });

      await relabelled.run('One');

      const resumed = await codex.resumeThread(relabelled.threadId ?? '');
      expect(resumed.labels.toJSON()).to.deep.equal({ team: 'risk' });
    });

    it('in order, even for concurrent calls and during a turn', async () => {
      const thread = codex.startThread({ labels: { a: '1' } });

      const turn = thread.run('One');
      await Promise.all([turn, thread.setLabels({ b: '1' }), thread.setLabels({ c: '1' })]);

      await thread.setLabels({ d: '1' });
      await Promise.all([thread.setLabels({ e: '1' }), thread.setLabels({ f: '1' })]);
      const resumed = await codex.resumeThread(thread.threadId ?? '');
      expect(resumed.labels.toJSON()).to.deep.equal({ f: '1' });
    });
  });

  it('lists its attachments', async () => {
    const thread = codex.startThread({ labels: { team: 'payments' } });
    await thread.run('One');

    const attachments = await collected(thread.attachments());

    expect(
      attachments.map(({ attachmentType, identityKey }) => [attachmentType, identityKey]),
    ).to.have.deep.members([
      ['codex-threads.label', 'team=payments'],
      ['codex-threads.baseline', 'sandbox'],
    ]);
  });

  it('that is ephemeral refuses actions that need a stored thread, before anything is sent', async () => {
    const thread = codex.startThread({ ephemeral: true, labels: { team: 'payments' } });
    expect(await failure(thread.setLabels({ a: 'b' }))).to.include({ code: 'thread-ephemeral' });
    const { usage } = await thread.run('One');
    const lastTurn = thread.continuation?.turnId ?? '';

    const refused = [
      thread.read({ includeTurns: true }),
      collected(thread.turns()),
      collected(thread.items()),
      collected(thread.attachments()),
      thread.setName('x'),
      thread.setLabels({ a: 'b' }),
      thread.fork(),
      thread.revert({ before: lastTurn }),
      thread.archive(),
      thread.delete(),
    ];
    const errors = (await Promise.all(refused.map(failure))) as ThreadStateError[];

    expect(errors.map(({ code }) => code)).to.deep.equal(refused.map(() => 'thread-ephemeral'));
    expect(errors.every(({ cause }) => cause === undefined)).to.equal(true);
    expect((await thread.read()).isEphemeral).to.equal(true);
    expect(usage?.totalTokens).to.be.a('number');
    const resume = await failure(offline.client().resumeThread(thread.threadId ?? ''));
    expect(resume).to.be.instanceOf(ResumeRejectedError);
  });

  it('has the path of its file', async () => {
    const thread = codex.startThread();
    const ephemeral = codex.startThread({ ephemeral: true });
    expect([thread.durability, ephemeral.durability]).to.deep.equal(['none', 'none']);

    await Promise.all([thread.open(), ephemeral.open()]);
    expect([thread.durability, ephemeral.durability]).to.deep.equal(['memory', 'memory']);

    await Promise.all([thread.run('One'), ephemeral.run('One')]);
    expect([thread.durability, ephemeral.durability]).to.deep.equal(['persisted', 'memory']);
    const resumed = await codex.resumeThread(thread.threadId ?? '');
    expect(resumed.durability).to.equal('persisted');
  });
});
