import { expect } from 'chai';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TurnCutOffError } from '../../lib/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { Host } from '../host.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft, processesLeft } from '../root-hooks.js';
import { eventually } from '../wire/eventually.js';

const again = { idempotencyKey: 'key-1', onCutOff: 'retake' } as const;

describe('The first turn of a thread with an idempotency key on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(userTexts.slice(1).join(', ')),
    );
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function threadsListed(): Promise<number> {
    let count = 0;
    for await (const thread of offline.client().listThreads())
      count += thread.preview === '' ? 0 : 1;
    return count;
  }

  it('runs once for a client, regardless of the thread value', async () => {
    const codex = offline.client();
    const [one, two] = [codex.startThread(), codex.startThread()];

    const results = await Promise.all([one.run('one', again), two.run('one', again)]);
    const later = await codex.startThread().run('one', again);

    expect(results.map(({ origin }) => origin)).to.have.members(['ran', 'adopted']);
    expect(later.origin).to.equal('adopted');
    expect(new Set([...results, later].map(({ turnId }) => turnId)).size).to.equal(1);
    expect(two.threadId).to.equal(one.threadId);
    expect((await two.run('two')).finalResponse).to.equal('one, two');
    expect((await one.run('three')).finalResponse).to.equal('one, two, three');
    expect(offline.model.requests).to.have.length(3);
    expect(await threadsListed()).to.equal(1);
  });

  it('is found by its key, as is its thread', async () => {
    const codex = offline.client();
    const { threadId } = await codex.startThread().run('one', { idempotencyKey: 'key-1' });
    const elsewhere = offline.client();

    const thread = await elsewhere.findThread({ idempotencyKey: 'key-1' });
    const turn = await elsewhere.startThread().findTurn('key-1');

    expect(thread).to.include({ threadId, preview: 'one', name: 'one' });
    expect(turn?.status).to.equal('completed');
    expect(await elsewhere.findThread({ idempotencyKey: 'key-2' })).to.equal(null);
    expect(await elsewhere.startThread().findTurn('key-2')).to.equal(null);
  });

  it('is found again by the next program if the first one is killed during the turn', async () => {
    const [one, two] = [new Host(offline), new Host(offline)];
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('Never'));
    await one.order('start');
    const codexRs = String(await one.order('processId'));
    await one.order('begin', { input: 'one', options: { idempotencyKey: 'key-1' } });
    await gate.reached;
    await one.kill();
    await eventually(() => !processesLeft().some((line) => line.startsWith(`${codexRs}:`)));

    await two.order('start');
    const refused = await two.refusal('run', {
      input: 'one',
      options: { idempotencyKey: 'key-1' },
    });
    const retaken = await two.run('one', again);
    await two.kill();
    const codex = offline.client();
    const adopted = await codex.startThread().run('one', again);

    expect(refused).to.include({ class: TurnCutOffError.errorName, turnStatus: 'interrupted' });
    expect(retaken).to.include({ origin: 'retaken', finalResponse: 'one' });
    expect(adopted).to.include({ origin: 'adopted', threadId: retaken.threadId });
    expect(offline.model.requests).to.have.length(2);
    expect(await threadsListed()).to.equal(1);
  });

  it('runs in one of two programs that start it at once', async () => {
    const hosts = [new Host(offline), new Host(offline)];
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('Once'));
    const settled = hosts.map(async (host) => {
      await host.order('start');
      return host.run('one', { idempotencyKey: 'key-1' }).then(
        ({ origin }) => origin,
        (error: unknown) => String(error),
      );
    });

    await gate.reached;
    const first = await Promise.race(settled);
    gate.open();
    const outcomes = await Promise.all(settled);
    await Promise.all(hosts.map(async (host) => host.end()));

    expect(first).to.match(/busy/);
    expect(outcomes).to.include('ran');
    expect(offline.model.requests).to.have.length(1);
    expect(await threadsListed()).to.equal(1);
  });

  it('runs on the thread that was started for it if codex-rs is killed before the turn is sent', async () => {
    const transport = new FaultyTransport().on('turn/start', { nth: 1 }).kill();
    const dying = offline.client({ transport });
    const thread = dying.startThread();
    const error = await failure(thread.run('one', { idempotencyKey: 'key-1' }));
    const { threadId } = thread;
    await dying.close();

    const result = await offline.client().startThread().run('one', { idempotencyKey: 'key-1' });

    expect(error).to.include({ code: 'outcome-unknown' });
    expect(result).to.include({ origin: 'ran', threadId, finalResponse: 'one' });
    expect(offline.model.requests).to.have.length(1);
  });

  it('runs again, on a new thread, if the thread that started with its key was deleted', async () => {
    const codex = offline.client();
    const first = await codex.startThread().run('one', { idempotencyKey: 'key-1' });
    await codex.deleteThread(first.threadId);

    const second = await codex.startThread().run('one', { idempotencyKey: 'key-1' });
    const third = await codex.startThread().run('one', { idempotencyKey: 'key-1' });

    expect(second).to.include({ origin: 'ran', finalResponse: 'one' });
    expect(third).to.include({ origin: 'adopted', threadId: second.threadId });
  });

  it('is found in a home that two machines share, each with its own database', async () => {
    const sqlite = join(offline.home.path, 'other-sqlite');
    mkdirSync(sqlite);
    const here = offline.client();
    const there = offline.client({ env: { ...offline.environment, CODEX_SQLITE_HOME: sqlite } });
    const first = await here.startThread().run('one', { idempotencyKey: 'key-1' });
    await here.close();

    const second = await there.startThread().run('one', { idempotencyKey: 'key-1' });

    expect(second).to.include({
      origin: 'adopted',
      threadId: first.threadId,
      turnId: first.turnId,
    });
    expect(offline.model.requests).to.have.length(1);
  });
});
