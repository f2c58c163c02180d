import { expect } from 'chai';
import {
  ResumeRejectedError,
  ThreadStateError,
  TurnCutOffError,
  ValidationError,
  type Codex,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { crash } from '../crash.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('A turn with an idempotency key on the real codex-rs', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(userTexts.slice(1).join(', ')),
    );
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** A gate before the answer to this input. */
  function gateAt(input: string): Gate {
    const gate = new Gate();
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.at(-1) === input,
      ScriptedReply.gate(gate).message('Gated'),
    );
    return gate;
  }

  it('runs once: another call, even in another process, returns the same result', async () => {
    const thread = codex.startThread();
    const { threadId } = await thread.run('one');
    const sent = offline.model.requests.length;

    const first = await thread.run('two', { idempotencyKey: 'key-2' });
    await thread.run('three');
    const again = await thread.run('two', { idempotencyKey: 'key-2' });
    await thread.release();
    await using elsewhere = offline.client();
    const there = await elsewhere.resumeThread(threadId);
    const moved = await there.run('two', { idempotencyKey: 'key-2' });

    expect([first.origin, again.origin, moved.origin]).to.deep.equal(['ran', 'adopted', 'adopted']);
    expect([again.turnId, moved.turnId]).to.deep.equal([first.turnId, first.turnId]);
    expect([first.finalResponse, moved.finalResponse]).to.deep.equal(['one, two', 'one, two']);
    expect(moved.items.map(({ type }) => type)).to.deep.equal(first.items.map(({ type }) => type));
    expect(offline.model.requests.length - sent).to.equal(2);
    // The adopted turn is not the last turn of the thread.
    expect(there.continuation?.turnId).to.not.equal(first.turnId);
    expect((await there.run('four')).finalResponse).to.equal('one, two, three, four');
  });

  it('streams the recorded events, with their origin', async () => {
    const thread = codex.startThread();
    await thread.run('one');
    await thread.run('two', { idempotencyKey: 'key-2' });

    const turn = thread.runStreamed('two', { idempotencyKey: 'key-2' });
    const before = turn.origin;
    const types = [];
    for await (const { type } of turn) types.push(type);

    expect([before, turn.origin]).to.deep.equal([null, 'adopted']);
    expect(types).to.include.members(['turn.started', 'item.completed', 'turn.completed']);
  });

  it('is found by its key, and an unknown key is not', async () => {
    const thread = codex.startThread();
    await thread.run('one', { idempotencyKey: 'key-1' });
    await thread.run('two');

    const found = await thread.findTurn('key-1');

    expect(found).to.include({ status: 'completed' });
    expect(found?.items.map(({ type }) => type)).to.deep.equal(['userMessage', 'agentMessage']);
    expect(await thread.findTurn('key-2')).to.equal(null);
  });

  it('is refused if it was cut off by a killed codex-rs, and retaken if that is permitted', async () => {
    const thread = codex.startThread();
    await thread.run('one');
    const gate = gateAt('two');
    const lost = failure(thread.run('two', { idempotencyKey: 'key-2' }));
    await gate.reached;
    await crash(codex);
    await lost;
    const sent = offline.model.requests.length;

    const refused = await failure(thread.run('two', { idempotencyKey: 'key-2' }));
    const again = { idempotencyKey: 'key-2', onCutOff: 'retake' } as const;
    const retaken = await thread.run('two', again);

    expect(refused).to.be.instanceOf(TurnCutOffError);
    expect(refused).to.include({
      code: 'turn-cut-off',
      turnStatus: 'interrupted',
      retryable: false,
    });
    expect(retaken).to.include({ origin: 'retaken', finalResponse: 'one, two' });
    expect(offline.model.requests.length - sent).to.equal(1);
    expect((await thread.run('two', again)).origin).to.equal('adopted');
    expect((await thread.run('three')).finalResponse).to.equal('one, two, three');
  });

  it('does not make the token before it stale, if the resume has its key', async () => {
    const thread = codex.startThread();
    const { threadId, continuation } = await thread.run('one');
    const { turnId } = await thread.run('two', { idempotencyKey: 'key-2' });
    await thread.release();
    await using elsewhere = offline.client();
    const stale = await failure(elsewhere.resumeThread(threadId, { continuation }));
    const other = { continuation, idempotencyKey: 'key-3' };
    const foreign = await failure(elsewhere.resumeThread(threadId, other));

    const there = await elsewhere.resumeThread(threadId, {
      continuation: String(continuation),
      idempotencyKey: 'key-2',
    });
    const adopted = await there.run('two', { idempotencyKey: 'key-2' });

    expect(stale).to.include({ reason: 'stale' });
    expect(foreign).to.include({ reason: 'stale' });
    expect(adopted).to.include({ origin: 'adopted', turnId });
    expect(there.continuation?.turnId).to.equal(turnId);
    expect((await there.run('three')).finalResponse).to.equal('one, two, three');
  });

  it('is not retaken if later turns follow it', async () => {
    const thread = codex.startThread();
    await thread.run('one');
    const gate = gateAt('two');
    const turn = thread.runStreamed('two', { idempotencyKey: 'key-2' });
    const stopped = failure(turn.result());
    await gate.reached;
    await turn.interrupt();
    await stopped;
    await thread.run('three');

    const error = await failure(thread.run('two', { idempotencyKey: 'key-2', onCutOff: 'retake' }));

    expect(error).to.be.instanceOf(TurnCutOffError);
    expect(String(error)).to.include('later turns follow it');
  });

  it('is busy while another process runs it', async () => {
    const thread = codex.startThread();
    const { threadId } = await thread.run('one');
    const gate = gateAt('two');
    const running = thread.run('two', { idempotencyKey: 'key-2' });
    await gate.reached;
    await using elsewhere = offline.client();
    const there = await elsewhere.resumeThread(threadId);

    const busy = await failure(there.run('two', { idempotencyKey: 'key-2' }));
    const found = await there.findTurn('key-2');
    gate.open();
    await running;

    expect(busy).to.be.instanceOf(ResumeRejectedError);
    expect(busy).to.include({ reason: 'busy', retryable: true });
    // codex-rs does not distinguish a turn that runs in another process from one whose process was killed.
    expect(found).to.include({ status: 'interrupted', completedAt: null });
  });

  it('has a separate key for each correction of its answer', async () => {
    const thread = codex.startThread();
    const jsonSchema = {
      type: 'object',
      properties: { n: { type: 'number' } },
      required: ['n'],
      additionalProperties: false,
    };
    await thread.run('one');
    offline.model.reply(ScriptedReply.message('no'), ScriptedReply.message('{"n":1}'));
    offline.model.reply(ScriptedReply.message('unused'));
    const options = { outputSchema: jsonSchema, repairs: 1, idempotencyKey: 'key-2' };
    const sent = offline.model.requests.length;

    const first = await thread.run('two', options);
    const again = await thread.run('two', options);

    expect([first.output, again.output]).to.deep.equal([{ n: 1 }, { n: 1 }]);
    expect([first.origin, again.origin]).to.deep.equal(['ran', 'adopted']);
    expect(offline.model.requests.length - sent).to.equal(2);
  });

  it('rejects invalid keys and options', async () => {
    const thread = codex.startThread();
    const errors = [
      ...(await Promise.all(
        ['', '  ', 'x'.repeat(201), 7 as never].map(async (idempotencyKey) =>
          failure(thread.run('one', { idempotencyKey })),
        ),
      )),
      await failure(thread.run('one', { onCutOff: 'retake' })),
      await failure(thread.run('one', { idempotencyKey: 'k', onCutOff: 'again' as never })),
      await failure(thread.findTurn(' ')),
    ];

    expect(errors.every((error) => ValidationError.is(error))).to.equal(true);
  });

  it('is rejected on a thread without a stored history', async () => {
    const thread = codex.startThread({ ephemeral: true });

    const error = await failure(thread.run('one', { idempotencyKey: 'key-1' }));

    expect(error).to.be.instanceOf(ThreadStateError).and.include({ code: 'thread-ephemeral' });
  });
});
