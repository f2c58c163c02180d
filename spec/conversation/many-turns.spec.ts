import { expect } from 'chai';
import { getEventListeners } from 'node:events';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { scaled } from '../scale.js';

const many = scaled(200, 12);

describe(`${many} turns at once`, function () {
  this.timeout(90_000);
  let offline: OfflineCodex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Hello brave new world'));
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('succeed in one process and leave no listener behind', async () => {
    const transport = new FaultyTransport(offline.transport());
    const codex = offline.client({ transport });
    await codex.warmUp();
    const count = (): number[] => process.eventNames().map((name) => process.listenerCount(name));
    const before = count();
    const { signal } = new AbortController();

    const turns = await Promise.all(
      Array.from({ length: many }, async (_, index) =>
        codex.startThread({ ephemeral: true }).run(String(index), { signal }),
      ),
    );

    expect(new Set(turns.map(({ threadId }) => threadId)).size).to.equal(many);
    expect(new Set(turns.map(({ finalResponse }) => finalResponse))).to.deep.equal(
      new Set(['Hello brave new world']),
    );
    expect(count()).to.deep.equal(before);
    expect(getEventListeners(signal, 'abort')).to.deep.equal([]);
    expect(transport.requests('turn/start')).to.have.length(many);
    expect(transport.connections).to.equal(1);
  });

  it('on one thread run one after another, each with its own answer', async () => {
    const transport = new FaultyTransport(offline.transport());
    const thread = offline.client({ transport }).startThread();

    const turns = await Promise.all(
      Array.from({ length: many }, async (_, index) => thread.run(String(index))),
    );

    expect(new Set(turns.map(({ turnId }) => turnId)).size).to.equal(many);
    expect(transport.requests('turn/start').map(({ input }) => input[0])).to.deep.equal(
      turns.map((_, index) => ({ type: 'text', text: String(index) })),
    );
  });
});
