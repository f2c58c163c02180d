import { expect } from 'chai';
import { getEventListeners } from 'node:events';
import { FaultyCodex } from '../faulty-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('Two hundred turns at once', function () {
  this.timeout(30_000);

  it('succeed in one process and leave no listener behind', async () => {
    await using codex = await FaultyCodex.create();
    const client = codex.client();
    await client.warmUp();
    const count = (): number[] => process.eventNames().map((name) => process.listenerCount(name));
    const before = count();
    const { signal } = new AbortController();

    const turns = await Promise.all(
      Array.from({ length: 200 }, async (_, index) =>
        client.startThread({ ephemeral: true }).run(String(index), { signal }),
      ),
    );

    expect(new Set(turns.map(({ threadId }) => threadId)).size).to.equal(200);
    expect(new Set(turns.map(({ finalResponse }) => finalResponse))).to.deep.equal(
      new Set(['Hello brave new world']),
    );
    expect(count()).to.deep.equal(before);
    expect(getEventListeners(signal, 'abort')).to.deep.equal([]);
    expect(codex.server.requests('turn/start')).to.have.length(200);
    expect(codex.server.starts).to.have.length(1);
  });

  it('of one thread run one after the other, each with its own answer', async () => {
    await using codex = await FaultyCodex.create();
    const thread = codex.client().startThread();

    const turns = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => thread.run(String(index))),
    );

    expect(new Set(turns.map(({ turnId }) => turnId)).size).to.equal(200);
    expect(codex.server.requests('turn/start').map(({ input }) => input[0])).to.deep.equal(
      turns.map((_, index) => ({ type: 'text', text: String(index) })),
    );
  });

  after(async () => noProcessLeft());
});
