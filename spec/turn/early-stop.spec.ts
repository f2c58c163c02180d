import { expect } from 'chai';
import {
  AskApprovals,
  TurnInterruptedError,
  telemetry,
  type Codex,
  type StopReport,
  type Thread,
  type Turn,
  type TurnEvent,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

// A stop without a reply waits for 5 s.
const soonMs = 4000;

const stopped: StopReport = { acknowledged: true, commandsEnded: 0, processRecycled: false };

async function until(turn: Turn, type: TurnEvent['type']): Promise<void> {
  const events = turn[Symbol.asyncIterator]();
  for (let event = await events.next(); event.value?.type !== type; event = await events.next())
    if (event.done === true) throw new Error('The turn ended before it came that far.');
}

/** Resolves when the next turn has been sent but not yet acknowledged. */
async function nextSend(): Promise<void> {
  await new Promise<void>((resolve) => {
    const forget = telemetry.turnSend.subscribe(() => {
      forget();
      setImmediate(resolve);
    });
  });
}

describe('A stop in the first moments of a turn', function () {
  this.timeout(20_000);
  const gate = new Gate();
  const processes: string[] = [];
  let offline: OfflineCodex;
  let codex: Codex;
  let other: Promise<{ readonly finalResponse: string | null }>;
  let forget: () => void;
  let thread: Thread;
  let startedAt: number;

  before(async () => {
    forget = telemetry.process.subscribe(({ event }) => processes.push(event));
    offline = await OfflineCodex.start();
    codex = offline.client();
    offline.model
      .otherwise(ScriptedReply.deltas('half').gate(new Gate()))
      .replyOnceWhen(
        ({ userTexts }) => userTexts.includes('Other'),
        ScriptedReply.deltas('Not').gate(gate).deltas(' disturbed'),
      );
    other = codex.startThread().run('Other');
    await gate.reached;
  });

  beforeEach(() => {
    thread = codex.startThread();
    startedAt = performance.now();
  });

  afterEach(() => {
    expect(performance.now() - startedAt).to.be.lessThan(soonMs);
  });

  after(async () => {
    forget();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('waits for the acknowledgement and the start', async () => {
    const turn = thread.runStreamed('Hi');
    const outcome = failure(turn.result());
    await nextSend();

    expect(await turn.interrupt()).to.deep.equal(stopped);
    expect(await outcome).to.be.instanceOf(TurnInterruptedError);
  });

  it('waits for the start when the turn is acknowledged', async () => {
    const turn = thread.runStreamed('Hi');
    await until(turn, 'turn.started');

    expect(await turn.interrupt()).to.deep.equal(stopped);
    expect(turn.status).to.equal('interrupted');
  });

  it('works by leaving the loop', async () => {
    const turn = thread.runStreamed('Hi');

    for await (const { type } of turn) if (type === 'turn.started') break;

    expect(turn.status).to.equal('interrupted');
    expect(await turn.interrupt()).to.deep.equal(stopped);
  });

  it('works by a signal', async () => {
    const controller = new AbortController();
    const outcome = failure(thread.run('Hi', { signal: controller.signal }));
    await nextSend();

    controller.abort(new Error('enough'));

    expect(await outcome).to.equal(controller.signal.reason);
  });

  it('works by a time limit', async () => {
    // An event without progress: the first progress may arrive with the acknowledgement.
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.includes('Slow'),
      ScriptedReply.gate(new Gate()),
    );

    const error = await failure(thread.run('Slow', { timeouts: { firstProgressMs: 1 } }));

    expect(error).to.include({ code: 'turn-timeout', budget: 'firstProgressMs' });
  });

  it('is performed once if it is requested in two ways', async () => {
    const controller = new AbortController();
    const turn = thread.runStreamed('Hi', { signal: controller.signal });
    await until(turn, 'turn.started');

    const report = turn.interrupt();
    controller.abort(new Error('enough'));

    expect(await report).to.deep.equal(stopped);
    expect(await failure(turn.result())).to.equal(controller.signal.reason);
  });

  it('leaves the thread ready for the next turn', async () => {
    const turn = thread.runStreamed('Hi');
    await until(turn, 'turn.started');
    await turn.interrupt();
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.includes('Again'),
      ScriptedReply.message('Next'),
    );

    expect((await thread.run('Again')).finalResponse).to.equal('Next');
  });

  it('changes nothing at the moment the turn ends', async () => {
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.includes('Quick'),
      ScriptedReply.message('Done'),
    );
    const turn = thread.runStreamed('Quick');
    await until(turn, 'turn.completed');

    expect(await turn.interrupt()).to.deep.equal({ ...stopped, acknowledged: false });
    expect((await turn.result()).finalResponse).to.equal('Done');
  });

  it('does not wait for an approval', async () => {
    offline.model.replyOnceWhen(
      ({ userTexts }) => userTexts.includes('Ask'),
      ScriptedReply.shellCommand('touch forbidden'),
    );
    const asked = new Gate();
    const asking = codex.startThread({ approvalPolicy: 'untrusted', sandboxMode: 'read-only' });
    const turn = asking.runStreamed('Ask', {
      approvals: new AskApprovals(async (request) => {
        await asked.pass();
        return request.deny('too late');
      }),
    });
    const outcome = failure(turn.result());
    await asked.reached;

    expect(await turn.interrupt()).to.deep.equal(stopped);
    expect(await outcome).to.be.instanceOf(TurnInterruptedError);
    asked.open();
  });

  it('does not affect the process and the turns of other threads', async () => {
    gate.open();

    expect((await other).finalResponse).to.equal('Not disturbed');
    expect(processes).to.deep.equal(['started']);
  });
});
