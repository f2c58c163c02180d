import { expect } from 'chai';
import {
  OutcomeUnknownError,
  ResumeRejectedError,
  type Codex,
  type Thread,
} from '../../lib/index.js';
import {
  FaultyTransport,
  Gate,
  ScriptedReply,
  TemporaryCodexHome,
} from '../../lib/testing/index.js';
import { crash } from '../crash.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { copyRollouts } from '../rollouts.js';
import { noProcessLeft } from '../root-hooks.js';
import { settingsOf } from '../turn/settings-of.js';

describe('Settings of a turn that outlast it', function () {
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
  let transport: FaultyTransport;
  let codex: Codex;
  let plain: Record<string, unknown>;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    transport = new FaultyTransport(offline.transport());
    codex = offline.client({ transport });
    await codex.startThread(own).run('plain');
    plain = lastSettings();
  });

  beforeEach(() => {
    transport.reset();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** The settings in the last model request. */
  function lastSettings(): Record<string, unknown> {
    return settingsOf(offline.model.requests.at(-1));
  }

  /** An idle thread after a turn with other settings. */
  async function resting(client = codex): Promise<{ thread: Thread; threadId: string }> {
    const thread = client.startThread(own);
    await thread.run('first');
    const { threadId } = await thread.clone({ options: other }).run('changed');
    expect(lastSettings()).to.include({ model: 'gpt-5', effort: 'low', summary: 'detailed' });
    return { thread, threadId };
  }

  async function ranWith(thread: Thread): Promise<Record<string, unknown>> {
    await thread.run('next');
    return lastSettings();
  }

  /** The settings of the thread in a process that has only its id. */
  async function ranElsewhere(threadId: string): Promise<Record<string, unknown>> {
    await using elsewhere = offline.client();
    return await ranWith(await elsewhere.resumeThread(threadId));
  }

  /** The settings of the thread in a home that contains only the rollouts. */
  async function ranInAnotherHome(
    threadId: string,
    continuation?: string,
  ): Promise<Record<string, unknown>> {
    await using home = await TemporaryCodexHome.create();
    copyRollouts(offline.home.path, home.path);
    await using there = offline.client({ codexHome: home.path });
    const proof = continuation === undefined ? {} : { continuation };
    return await ranWith(await there.resumeThread(threadId, proof));
  }

  describe('are restored before', () => {
    it('a compaction', async () => {
      const { thread } = await resting();
      offline.model.reply(ScriptedReply.compaction('In short'));

      await thread.compact();

      expect(lastSettings()).to.include({ model: 'gpt-5.5' });
      expect(await ranWith(thread)).to.deep.equal(plain);
    });

    it('a fork, of this client or of another one', async () => {
      const { thread, threadId } = await resting();
      await using elsewhere = offline.client();

      const foreign = await elsewhere.forkThread(threadId, { model: 'gpt-6-luna' });
      expect(await ranWith(foreign)).to.deep.equal({ ...plain, model: 'gpt-6-luna' });
      const fork = await thread.fork();

      expect(await ranWith(fork)).to.deep.equal(plain);
      expect(await ranWith(thread)).to.deep.equal(plain);
    });

    it('a turn that is sent as a raw request', async () => {
      const { threadId } = await resting();
      const completed = codex.notifications({ methods: ['turn/completed'] }).next();

      await codex.request('turn/start', {
        threadId,
        input: [{ type: 'text', text: 'raw', text_elements: [] }],
      });
      await completed;

      expect(lastSettings()).to.deep.equal(plain);
    });

    it('a raw change of settings, which then applies', async () => {
      const { thread, threadId } = await resting();

      await codex.request('thread/settings/update', { threadId, model: 'gpt-6-luna' });

      expect(await ranWith(thread)).to.deep.equal({ ...plain, model: 'gpt-6-luna' });
    });

    it('a turn from the queue of codex-rs', async () => {
      const { threadId } = await resting();
      const completed = codex.notifications({ methods: ['turn/completed'] }).next();

      await codex.request('thread/queue/add', {
        threadId,
        input: [{ type: 'text', text: 'queued', text_elements: [] }],
        clientUserMessageId: 'queued-1',
      });
      await completed;

      expect(lastSettings()).to.deep.equal(plain);
    });

    it('the thread is archived', async () => {
      const { thread, threadId } = await resting();

      await thread.archive();
      await codex.unarchiveThread(threadId);

      expect(await ranInAnotherHome(threadId)).to.deep.equal(plain);
    });
  });

  it('are restored as soon as codex-rs starts a turn by itself', async () => {
    const thread = codex.startThread(own);
    const { threadId } = await thread.run('first');
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('Yes'));
    const turn = thread.run('changed', { options: { model: 'gpt-5' } });
    await gate.reached;
    for (const text of ['one', 'two'])
      await codex.request('thread/queue/add', {
        threadId,
        input: [{ type: 'text', text, text_elements: [] }],
        clientUserMessageId: text,
      });
    const seen = offline.model.requests.length;

    gate.open();
    await turn;
    await offline.model.request(seen + 1);

    expect(settingsOf(offline.model.requests[seen + 1])).to.deep.equal(plain);
    expect(transport.requests('turn/start')).to.have.length(2);
  });

  it('are restored to the correct values before codex-rs has reported them', async () => {
    const { thread } = await resting();
    transport.onMessage('thread/settings/updated').drop();

    await thread.run('next');
    const again = thread.clone({ options: { modelReasoningSummary: 'detailed' } });
    await again.run('changed');

    expect(lastSettings()).to.include({ summary: 'detailed' });
    expect(await ranWith(thread)).to.deep.equal(plain);
    expect(await ranWith(await thread.fork())).to.deep.equal(plain);
  });

  it('lock out other processes, like any loaded thread, until it is released', async () => {
    const { thread, threadId } = await resting();
    await using elsewhere = offline.client();
    const resumed = await elsewhere.resumeThread(threadId);

    const refused = await failure(resumed.run('now'));
    await thread.release();

    expect(refused).to.be.instanceOf(ResumeRejectedError).and.include({ reason: 'busy' });
    expect(await ranWith(resumed)).to.deep.equal(plain);
  });

  it('are restored after the thread was idle for keepLoadedMs', async () => {
    await using idle = offline.client({ keepLoadedMs: 50 });
    const closed = idle.notifications({ methods: ['thread/closed'] }).next();
    const { threadId } = await resting(idle);
    await closed;

    expect(await ranInAnotherHome(threadId)).to.deep.equal(plain);
  });

  it('are restored in the rollout by close()', async () => {
    const client = offline.client();
    const { threadId } = await resting(client);

    await client.close();

    expect(await ranInAnotherHome(threadId)).to.deep.equal(plain);
    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
  });

  it('are restored before the next turn if the outcome of their turn is unknown', async () => {
    const thread = codex.startThread(own);
    await thread.run('first');
    transport
      .on('turn/start', { nth: 1 })
      .dropReply()
      .onMessage('item/started')
      .drop()
      .onMessage('item/completed')
      .drop()
      .onMessage('turn/started')
      .drop();

    const options = { model: 'gpt-5' };
    const error = await failure(thread.run('changed', { options, timeouts: { ackMs: 500 } }));
    transport.reset();

    expect(error).to.be.instanceOf(OutcomeUnknownError);
    expect(await ranWith(thread)).to.deep.equal(plain);
  });

  describe('when the process is killed while the thread is idle', () => {
    let client: Codex;
    let threadId: string;
    let continuation: string;

    before(async () => {
      client = offline.client();
      const { thread, threadId: id } = await resting(client);
      threadId = id;
      continuation = String(thread.continuation);
      await crash(client);
    });

    after(async () => {
      await client.close();
    });

    it('do not extend the sandbox in a home that has only the rollouts', async () => {
      const { sandbox } = await ranInAnotherHome(threadId);

      expect(sandbox).to.equal(plain.sandbox);
    });

    it('are restored there by the token', async () => {
      expect(await ranInAnotherHome(threadId, continuation)).to.deep.equal(plain);
    });

    it('are overridden by the options of a resume', async () => {
      await using elsewhere = offline.client();
      const resumed = await elsewhere.resumeThread(threadId, { model: 'gpt-6-luna' });

      expect(await ranWith(resumed)).to.deep.equal({ ...plain, model: 'gpt-6-luna' });
    });
  });

  it('are restored by the next client that loads the thread after a kill', async () => {
    const client = offline.client();
    const { threadId } = await resting(client);
    await crash(client);

    expect(await ranElsewhere(threadId)).to.deep.equal(plain);
    await client.close();
  });
});
