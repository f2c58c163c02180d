import { expect } from 'chai';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ValidationError, type Codex, type ThreadFilterInput } from '../../lib/index.js';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft, processesLeft } from '../root-hooks.js';
import { copiedThreads } from './copied-threads.js';

function minute(minutes: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 0, minutes));
}

describe('On the real codex-rs, the client', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let codex: Codex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(`Answer to ${userTexts.at(-1) ?? ''}`),
    );
    codex = offline.client();
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function ids(filter?: ThreadFilterInput): Promise<string[]> {
    return (await collected(codex.listThreads(filter))).map(({ threadId }) => threadId);
  }

  describe('lists threads', () => {
    it('from all pages, each once', async () => {
      const { threadId } = await codex.startThread().run('One of many');
      const times = Array.from({ length: 110 }, (_, index) => minute(index));
      const copies = await copiedThreads(
        codex,
        threadId,
        times.map((time) => ({ createdAt: time, updatedAt: time })),
      );
      const transport = new FaultyTransport(offline.transport());
      const other = offline.client({ transport });

      const listed = await collected(other.listThreads());
      const limits = transport.requests('thread/list').map(({ limit }) => limit);
      const page = await other.request('thread/list', { limit: 50 });

      expect(listed.map((thread) => thread.threadId)).to.have.members([threadId, ...copies]);
      expect(limits).to.deep.equal([20, 50, 50]);
      expect(page.data).to.have.length(50);
      expect(page.nextCursor).to.be.a('string');
    });

    it('by the requested time, in either order', async () => {
      const { threadId } = await codex.startThread().run('The newest');
      const [one, two] = await copiedThreads(codex, threadId, [
        { createdAt: minute(1), updatedAt: minute(4) },
        { createdAt: minute(2), updatedAt: minute(3) },
      ]);
      const other = offline.client();
      const listed = async (filter: ThreadFilterInput): Promise<string[]> =>
        (await collected(other.listThreads(filter))).map((thread) => thread.threadId);

      expect(await listed({})).to.deep.equal([threadId, two, one]);
      expect(await listed({ sort: 'updatedAt' })).to.deep.equal([threadId, one, two]);
      expect(await listed({ order: 'oldestFirst' })).to.deep.equal([one, two, threadId]);
      expect(
        await listed(
          new Map([
            ['sort', 'updated_at'],
            ['order', 'oldestFirst'],
          ]),
        ),
      ).to.deep.equal([two, one, threadId]);
    });

    it('with the filters of codex-rs', async () => {
      const folders = ['one', 'two'].map((name) => join(offline.home.path, name));
      for (const folder of folders) mkdirSync(folder);
      const [one = '', two = ''] = folders;
      const a = await codex.startThread({ workingDirectory: one }).run('about herons');
      const b = await codex.startThread({ workingDirectory: two }).run('about storks');
      const c = await codex.startThread({ workingDirectory: two }).run('about herons again');
      await codex.archiveThread(c.threadId);

      expect(await ids({ cwd: one })).to.deep.equal([a.threadId]);
      expect(await ids({ cwd: folders })).to.deep.equal([b.threadId, a.threadId]);
      expect(await ids({ workingDirectory: '/nowhere' } as never)).to.deep.equal([]);
      expect(await ids({ archived: true })).to.deep.equal([c.threadId]);
      expect(await ids({ search: 'storks' })).to.deep.equal([b.threadId]);
      expect(await ids({ sources: ['exec'] })).to.deep.equal([]);
      expect(await ids({ sources: ['vscode'] })).to.have.length(2);
    });

    it('of every kind and every provider by default', async () => {
      const agents = { namespace: 'multi_agent_v1' };
      offline.model
        .replyOnceWhen(
          ({ userTexts, toolOutputs }) => userTexts.includes('go') && toolOutputs.length === 0,
          ScriptedReply.functionCall('spawn_agent', { message: 'child task' }, agents),
        )
        .replyOnceWhen(
          ({ userTexts, toolOutputs }) => userTexts.includes('go') && toolOutputs.length === 1,
          ({ toolOutputs }) =>
            ScriptedReply.functionCall(
              'wait_agent',
              { targets: toolOutputs.map(({ text }) => (JSON.parse(text) as Agent).agent_id) },
              agents,
            ),
        );
      const other = offline.client({
        config: {
          model_providers: {
            other: {
              name: 'other',
              base_url: offline.model.baseUrl,
              wire_api: 'responses',
              requires_openai_auth: true,
              supports_websockets: false,
            },
          },
        },
      });
      const parent = await codex.startThread({ model: 'mock-model' }).run('go');
      const foreign = await other.startThread({ modelProvider: 'other' }).run('Hi');

      const all = await ids();

      expect(all).to.have.length(3);
      expect(all).to.include.members([parent.threadId, foreign.threadId]);
      expect(await ids({ sources: ['vscode'] })).to.have.members([
        parent.threadId,
        foreign.threadId,
      ]);
      expect(await ids({ modelProviders: ['other'] })).to.deep.equal([foreign.threadId]);
    });

    it('and fetches the next page only when the reader needs it', async () => {
      await Promise.all(
        Array.from({ length: 3 }, async (_, index) => codex.startThread().run(String(index))),
      );

      const listing = codex.listThreads();
      const { value } = await listing.next();
      await listing.return();

      expect(value?.threadId).to.be.a('string');
      expect(await listing.next()).to.deep.equal({ done: true, value: undefined });
    });

    it('and rejects an invalid filter with all its problems, before codex-rs is started', async () => {
      const error = await failure(
        collected(codex.listThreads({ serch: 'x', sort: 'size', sources: ['web'] } as never)),
      );

      expect(error).to.be.instanceOf(ValidationError);
      expect((error as ValidationError).problems.map(({ path }) => path)).to.have.members([
        'serch',
        'sort',
        'sources',
      ]);
      expect(String(error)).to.contain('did you mean "search"');
      expect(processesLeft()).to.deep.equal([]);
    });
  });

  it('lists the available models, hidden ones only on request', async () => {
    const models = await codex.models();
    const all = await codex.models({ includeHidden: true });

    expect(models.map(({ id }) => id)).to.include('gpt-5.5');
    expect(models.every(({ hidden }) => !hidden)).to.equal(true);
    expect(all.map(({ id }) => id)).to.include.members(models.map(({ id }) => id));
  });

  it('lists the loaded threads without starting codex-rs', async () => {
    expect(await codex.loadedThreads()).to.deep.equal([]);
    expect(processesLeft()).to.deep.equal([]);

    const { threadId } = await codex.startThread().run('Hi');

    expect(await codex.loadedThreads()).to.deep.equal([threadId]);
    await codex.close();
    expect(await codex.loadedThreads()).to.deep.equal([]);
  });
});

interface Agent {
  readonly agent_id: string;
}
