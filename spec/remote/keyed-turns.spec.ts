import { expect } from 'chai';
import { ScriptedReply, Gate } from '../../lib/testing/index.js';
import type { Codex } from '../../lib/index.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { scaled } from '../scale.js';
import { ListeningCodex } from './listening-codex.js';

describe('A turn with an idempotency key on a server that others use too', function () {
  this.timeout(scaled(240_000, 60_000));
  let server: ListeningCodex;
  let codex: Codex;
  let other: Codex;

  before(async () => {
    server = await ListeningCodex.start();
    server.model.otherwise(({ userTexts }) => ScriptedReply.message(userTexts.slice(1).join(', ')));
    codex = server.client();
    other = server.client();
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('runs once for two concurrent clients', async () => {
    const ours = codex.startThread();
    const { threadId } = await ours.run('one');
    const theirs = await other.resumeThread(threadId);
    const sent = server.model.requests.length;

    const results = await Promise.all([
      ours.run('two', { idempotencyKey: 'key-2' }),
      theirs.run('two', { idempotencyKey: 'key-2' }),
    ]);

    expect(results.map(({ origin }) => origin)).to.include('ran');
    expect(results.filter(({ origin }) => origin === 'ran')).to.have.length(1);
    expect(new Set(results.map(({ turnId }) => turnId)).size).to.equal(1);
    expect(results.map(({ finalResponse }) => finalResponse)).to.deep.equal([
      'one, two',
      'one, two',
    ]);
    expect(server.model.requests.length - sent).to.equal(1);
  });

  it('is attached to while another client runs it', async () => {
    const ours = codex.startThread();
    const { threadId } = await ours.run('one');
    const theirs = await other.resumeThread(threadId);
    const gate = new Gate();
    server.model.reply(ScriptedReply.deltas('Still ').gate(gate).deltas('running'));
    const running = ours.run('two', { idempotencyKey: 'key-2' });
    await gate.reached;

    const turn = theirs.runStreamed('two', { idempotencyKey: 'key-2' });
    for await (const event of turn) if (event.type === 'turn.started') gate.open();
    const attached = await turn.result();

    expect(attached).to.include({ origin: 'attached', finalResponse: 'Still running' });
    expect((await running).turnId).to.equal(attached.turnId);
    expect((await theirs.run('three')).finalResponse).to.equal('one, two, three');
  });

  it('runs once for two clients that start its thread concurrently', async () => {
    const sent = server.model.requests.length;
    const run = async (client: Codex): Promise<string> => {
      const thread = client.startThread();
      const { threadId } = await thread.run('one', { idempotencyKey: 'key-1' });
      return threadId;
    };

    const outcomes = await Promise.all([run(codex), run(other).catch(async () => run(other))]);

    expect(new Set(outcomes).size).to.equal(1);
    expect(server.model.requests.length - sent).to.equal(1);
  });

  it('is retaken once', async () => {
    const ours = codex.startThread();
    const { threadId } = await ours.run('one');
    const theirs = await other.resumeThread(threadId);
    const gate = new Gate();
    server.model.reply(ScriptedReply.gate(gate).message('Never'));
    const turn = ours.runStreamed('two', { idempotencyKey: 'key-2' });
    const stopped = failure(turn.result());
    await gate.reached;
    await turn.interrupt();
    await stopped;
    const sent = server.model.requests.length;

    const results = await Promise.all(
      [ours, theirs].map(async (thread) =>
        thread.run('two', { idempotencyKey: 'key-2', onCutOff: 'retake' }),
      ),
    );

    expect(results.filter(({ origin }) => origin === 'retaken')).to.have.length(1);
    expect(new Set(results.map(({ turnId }) => turnId)).size).to.equal(1);
    expect(server.model.requests.length - sent).to.equal(1);
  });
});
