import { expect } from 'chai';
import {
  ThreadBusyError,
  TurnInterruptedError,
  type Codex,
  type Turn,
  type TurnEvent,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft, processesLeft } from '../root-hooks.js';

function running(command: string): boolean {
  return processesLeft().some((line) => line.endsWith(command));
}

async function until(turn: Turn, isReached: (event: TurnEvent) => boolean): Promise<void> {
  const events = turn[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await events.next();
    if (done === true) throw new Error('The turn ended before it came that far.');
    if (isReached(value)) return;
  }
}

describe('Stopping a turn', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  afterEach(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function started(prompt: string, command: string): Promise<Turn> {
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.includes(prompt),
      ScriptedReply.shellCommand(command, { yieldTimeMs: 60_000 }),
    );
    const turn = codex.startThread({ sandboxMode: 'danger-full-access' }).runStreamed(prompt);
    await until(
      turn,
      (event) => event.type === 'item.started' && event.item.type === 'commandExecution',
    );
    while (!running(command)) await new Promise((resolve) => setImmediate(resolve));
    return turn;
  }

  it('ends its command, but not that of another thread', async () => {
    const mine = await started('mine', 'sleep 601');
    const other = await started('other', 'sleep 602');

    const report = await mine.interrupt();

    expect(report).to.deep.equal({ acknowledged: true, commandsEnded: 1, processRecycled: false });
    while (running('sleep 601')) await new Promise((resolve) => setImmediate(resolve));
    expect(running('sleep 602')).to.equal(true);
    expect(await failure(mine.result())).to.be.instanceOf(TurnInterruptedError);
    await other.interrupt();
  });

  it('is performed once, regardless of the number of calls', async () => {
    offline.model.reply(ScriptedReply.deltas('half').gate(new Gate()));
    const turn = codex.startThread().runStreamed('Hi');
    await until(turn, ({ type }) => type === 'text.delta');

    const [first, second] = await Promise.all([turn.interrupt(), turn.interrupt()]);

    expect(second).to.equal(first);
    expect(await turn.interrupt()).to.include({ acknowledged: true });
    expect(turn.status).to.equal('interrupted');
  });

  it('ends iteration normally, with the event', async () => {
    offline.model.reply(ScriptedReply.deltas('half').gate(new Gate()));
    const turn = codex.startThread().runStreamed('Hi');
    const types: string[] = [];

    for await (const event of turn) {
      types.push(event.type);
      if (event.type === 'text.delta') void turn.interrupt();
    }

    expect(types.at(-1)).to.equal('turn.interrupted');
  });

  it('by leaving the loop stops the turn', async () => {
    offline.model.reply(
      ScriptedReply.deltas('half').gate(new Gate()),
      ScriptedReply.message('Next'),
    );
    const thread = codex.startThread();
    const turn = thread.runStreamed('Hi');

    for await (const event of turn) if (event.type === 'text.delta') break;

    expect(turn.status).to.equal('interrupted');
    expect((await thread.run('Again')).finalResponse).to.equal('Next');
  });

  it('removes a waiting turn from the queue, and nothing is sent', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('First'));
    const thread = codex.startThread();
    const first = thread.run('One');
    await offline.model.request(0);
    const waiting = thread.runStreamed('Two');
    const outcome = failure(waiting.result());

    await waiting.interrupt();
    gate.open();

    expect(await outcome)
      .to.be.instanceOf(TurnInterruptedError)
      .with.property('turnId', null);
    expect((await first).finalResponse).to.equal('First');
    expect(offline.model.requests).to.have.length(1);
  });

  describe('by a signal', () => {
    const reason = new Error('enough');

    it('that is already aborted sends nothing and rejects with its reason', async () => {
      const thread = codex.startThread();

      expect(await failure(thread.run('Hi', { signal: AbortSignal.abort(reason) }))).to.equal(
        reason,
      );
      expect(thread.threadId).to.equal(null);
    });

    it('that is aborted during the turn rejects with its reason, and the thread continues', async () => {
      const controller = new AbortController();
      offline.model.reply(
        ScriptedReply.deltas('half').gate(new Gate()),
        ScriptedReply.message('Next'),
      );
      const thread = codex.startThread();
      const turn = thread.runStreamed('Hi', { signal: controller.signal });
      await until(turn, ({ type }) => type === 'text.delta');

      controller.abort(reason);
      controller.abort(new Error('again'));

      expect(await failure(turn.result())).to.equal(reason);
      expect((await thread.run('Again')).finalResponse).to.equal('Next');
    });

    it('that is aborted after the end changes nothing', async () => {
      const controller = new AbortController();
      offline.model.reply(ScriptedReply.message('Done'));
      const result = await codex.startThread().run('Hi', { signal: controller.signal });

      controller.abort(reason);

      expect(result.finalResponse).to.equal('Done');
    });
  });

  it('is not needed with whenBusy "reject", where the turn is refused', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.gate(gate).message('First'));
    const thread = codex.startThread();
    const first = thread.run('One');
    await offline.model.request(0);

    const error = await failure(thread.run('Two', { whenBusy: 'reject' }));
    gate.open();

    expect(error).to.be.instanceOf(ThreadBusyError).with.property('code', 'thread-busy');
    expect((await first).finalResponse).to.equal('First');
  });

  it('differs from steering: input reaches the running turn, and is refused after its end', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('half').gate(gate), ScriptedReply.message('Steered'));
    const turn = codex.startThread().runStreamed('One');
    await until(turn, ({ type }) => type === 'text.delta');

    expect(await turn.steer('Two')).to.deep.equal({ status: 'steered' });
    const { finalResponse } = await turn.result();
    gate.open();

    expect(finalResponse).to.equal('Steered');
    expect(offline.model.requests.at(-1)?.userTexts).to.include('Two');
    expect(await turn.steer('Three')).to.deep.equal({ status: 'turnEnded' });
  });
});
