import { expect } from 'chai';
import { Tool, type Codex } from '../../lib/index.js';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

class Clock {
  @Tool({ description: 'The time' })
  time(): string {
    return 'noon';
  }
}

describe('The attachments of a thread', function () {
  this.timeout(20_000);
  const labels = { team: 'payments' };
  let offline: OfflineCodex;
  let transport: FaultyTransport;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    transport = new FaultyTransport(offline.transport());
    codex = offline.client({ transport });
  });

  beforeEach(() => {
    transport.reset();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function listed(): number {
    return transport.requests('thread/attachment/list').length;
  }

  it('are not listed when the thread is new', async () => {
    const thread = codex.startThread({ labels, tools: [new Clock()] });
    await thread.run('One');
    await thread.run('Two', { options: { model: 'gpt-5' } });

    expect(listed()).to.equal(0);
    expect(
      transport.requests('thread/attachment/add').map(({ identityKey }) => identityKey),
    ).to.have.members(['team=payments', 'digests', 'sandbox', 'settings']);
  });

  it('are listed once by a resume, and twice when the thread is loaded: before and after it is locked', async () => {
    const tools = [new Clock()];
    const thread = codex.startThread({ labels, tools, sandboxMode: 'workspace-write' });
    const { threadId } = await thread.run('One');
    await thread.release();
    await using elsewhere = offline.client({ transport });

    const resumed = await elsewhere.resumeThread(threadId, { tools });
    const before = listed();
    await resumed.run('Two');
    const after = listed();
    const again = await elsewhere.resumeThread(threadId, { tools: [new Clock()] });
    await again.run('Three');

    expect(resumed.labels.toJSON()).to.deep.equal(labels);
    expect([before, after, listed()]).to.deep.equal([1, 3, 4]);
  });

  it('are listed once by a fork, and so are those of its source', async () => {
    const thread = codex.startThread({ labels });
    await thread.run('One');
    const tooled = codex.startThread({ labels, tools: [new Clock()] });
    await tooled.run('One');
    transport.reset();

    const fork = await thread.fork({ labels: { ticket: 'PAY-1' } });
    const before = listed();
    await tooled.fork();

    expect([before, listed()]).to.deep.equal([2, 4]);
    expect(fork.labels.toJSON()).to.deep.equal({ ...labels, ticket: 'PAY-1' });
    expect(
      (await collected(fork.attachments())).map(({ identityKey }) => identityKey),
    ).to.have.members(['team=payments', 'ticket=PAY-1', 'sandbox']);
  });

  it('that another client changed in the meantime are replaced', async () => {
    const thread = codex.startThread();
    const { threadId } = await thread.run('One');
    await codex.request('thread/attachment/add', {
      threadId,
      attachmentType: 'codex-threads.baseline',
      identityKey: 'settings',
      payload: { model: 'somebody-elses' },
    });

    await thread.run('Two', { options: { model: 'gpt-5' } });
    await thread.release();
    await thread.run('Three');

    expect(offline.model.requests.at(-1)?.model).to.equal(offline.model.requests.at(-3)?.model);
  });
});
