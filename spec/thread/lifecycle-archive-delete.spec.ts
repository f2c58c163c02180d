import { expect } from 'chai';
import {
  ResumeRejectedError,
  ThreadBusyError,
  ThreadStateError,
  ValidationError,
  type Codex,
  type Thread,
} from '../../lib/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('On the real codex-rs, a thread', function () {
  this.timeout(20_000);
  const unknownId = '01a20000-0000-7000-8000-000000000000';
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

  async function ranThread(): Promise<[Thread, string]> {
    const thread = codex.startThread({ labels: { spec: 'archive' } });
    return [thread, (await thread.run('Hi')).threadId];
  }

  async function runningThread(): Promise<{ thread: Thread; finish: () => Promise<unknown> }> {
    const gate = new Gate();
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.at(-1) === 'Slow',
      ScriptedReply.gate(gate).message('Done'),
    );
    const [thread] = await ranThread();
    const turn = thread.run('Slow');
    await gate.reached;
    const finish = async (): Promise<unknown> => {
      gate.open();
      return turn;
    };
    return { thread, finish };
  }

  it('is archived while codex-rs still holds its own lock, but not while another program holds it', async () => {
    const busy = 'thread already has an active writer';
    const transport = new FaultyTransport(offline.transport())
      .on('thread/archive', { nth: 1 })
      .reject(-32600, busy);
    const thread = offline.client({ transport }).startThread();
    const { threadId } = await thread.run('Hi');

    await thread.archive();
    // The lock may still be held for a moment.
    const tries = transport.requests('thread/archive').length;
    const refused = await failure(offline.client({ transport }).archiveThread(threadId));

    expect(tries).to.be.at.least(2);
    expect(refused).to.be.instanceOf(ThreadBusyError);
    expect(transport.requests('thread/archive')).to.have.length(tries + 1);
  });

  describe('that is archived', () => {
    it('is listed only with archived threads, cannot be run, and can be restored', async () => {
      const [thread, threadId] = await ranThread();

      await thread.archive();

      expect(await listed(codex, { archived: true })).to.include(threadId);
      expect(await listed(codex)).not.to.include(threadId);
      expect(await failure(thread.run('Again'))).to.include({ reason: 'archived' });
      expect(await failure(codex.resumeThread(threadId))).to.include({ reason: 'archived' });

      const metadata = await codex.unarchiveThread(threadId);

      expect(metadata).to.include({ threadId, isArchived: false });
      expect((await thread.run('Again')).finalResponse).to.equal('Yes');
    });

    it('is restored with the options of the caller that resumes it, even if the same client still holds it', async () => {
      const [thread, threadId] = await ranThread();
      await thread.archive();
      await codex.unarchiveThread(threadId);

      const again = await codex.resumeThread(threadId, { baseInstructions: 'Name birds.' });

      await again.run('Which one?');
      expect(offline.model.requests.at(-1)?.instructionsTexts.join()).to.contain('Name birds.');
      expect((await thread.run('And now?')).finalResponse).to.equal('Yes');
    });

    it('can be archived by its id', async () => {
      const [, threadId] = await ranThread();

      await codex.archiveThread(threadId);

      expect(await listed(codex, { archived: true })).to.include(threadId);
    });

    it('cannot be archived twice', async () => {
      const [thread] = await ranThread();
      await thread.archive();

      expect(await failure(thread.archive())).to.include({ code: 'thread-archived' });
    });

    it('can be read, and found by its labels on request', async () => {
      const [thread, threadId] = await ranThread();
      await thread.archive();

      expect((await thread.read({ includeTurns: true })).turns).to.have.length(1);
      expect((await collected(thread.items())).map(({ item }) => item.type)).to.deep.equal([
        'userMessage',
        'agentMessage',
      ]);
      const found = await collected(codex.findThreads({ spec: 'archive' }, { archived: true }));
      expect(found.map((metadata) => metadata.threadId)).to.include(threadId);
    });

    it('was not running: archiving is refused then, and the turn goes on', async () => {
      const { thread, finish } = await runningThread();

      const error = await failure(thread.archive());

      expect(error).to.be.instanceOf(ThreadBusyError);
      expect(await finish()).to.include({ finalResponse: 'Done' });
    });

    it('was not loaded by another process', async () => {
      const [, threadId] = await ranThread();

      const error = await failure(offline.client().archiveThread(threadId));

      expect(error).to.be.instanceOf(ThreadBusyError);
      expect(error).to.include({ holder: 'another-process', threadId, retryable: true });
    });

    it('had a turn: a thread that never ran is not stored', async () => {
      const thread = codex.startThread();
      expect(await failure(thread.archive())).to.include({ code: 'thread-not-open' });
      await thread.open();

      expect(await failure(thread.archive())).to.include({ code: 'thread-never-ran' });
    });

    it('exists', async () => {
      expect(await failure(codex.archiveThread(unknownId))).to.include({ code: 'thread-unknown' });
      expect(await failure(codex.archiveThread('nope'))).to.be.instanceOf(ValidationError);
    });
  });

  describe('that is brought back from the archive', () => {
    it('is in there', async () => {
      const [, threadId] = await ranThread();

      expect(await failure(codex.unarchiveThread(threadId))).to.include({
        code: 'thread-not-archived',
      });
      expect(await failure(codex.unarchiveThread(unknownId))).to.be.instanceOf(ThreadStateError);
      expect(await failure(codex.unarchiveThread('nope'))).to.be.instanceOf(ValidationError);
    });
  });

  describe('that is deleted', () => {
    it('is removed permanently, with its labels', async () => {
      const thread = codex.startThread({ labels: { spec: 'delete' } });
      const { threadId } = await thread.run('Hi');

      await thread.delete();

      expect(await listed(codex)).not.to.include(threadId);
      expect(await collected(codex.findThreads({ spec: 'delete' }))).to.deep.equal([]);
      const error = await failure(thread.run('Again'));
      expect(error).to.be.instanceOf(ResumeRejectedError);
      expect(error).to.include({ reason: 'unknown-thread' });
    });

    it('may be in the archive, and may be identified by its id only', async () => {
      const [thread, threadId] = await ranThread();
      await thread.archive();

      await offline.client().deleteThread(threadId);

      expect(await listed(codex, { archived: true })).not.to.include(threadId);
      expect(await failure(codex.deleteThread(threadId))).to.include({ code: 'thread-unknown' });
    });

    it('has no forks: they depend on its history, and it stays usable', async () => {
      const [thread] = await ranThread();
      const fork = await thread.fork();
      await fork.run('Elsewhere');

      const error = await failure(thread.delete());

      expect(error).to.be.instanceOf(ThreadStateError);
      expect(error).to.include({ code: 'thread-has-forks' });
      expect((await thread.run('Still here')).finalResponse).to.equal('Yes');
      await fork.delete();
      await thread.delete();
    });

    it('was not running: deleting is refused then, and the turn goes on', async () => {
      const { thread, finish } = await runningThread();

      expect(await failure(thread.delete())).to.be.instanceOf(ThreadBusyError);
      expect(await finish()).to.include({ finalResponse: 'Done' });
    });

    it('was not loaded by another process', async () => {
      const [, threadId] = await ranThread();

      expect(await failure(offline.client().deleteThread(threadId))).to.include({
        code: 'thread-busy',
        holder: 'another-process',
      });
    });
  });
});

async function listed(codex: Codex, filter: { archived?: boolean } = {}): Promise<string[]> {
  return (await collected(codex.listThreads(filter))).map(({ threadId }) => threadId);
}
