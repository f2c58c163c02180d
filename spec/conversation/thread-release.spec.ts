import { expect } from 'chai';
import sinon, { type SinonFakeTimers, type SinonSpy } from 'sinon';
import {
  telemetry,
  TransportError,
  type Codex,
  type TelemetryMessages,
  type Thread,
  type TurnResult,
} from '../../lib/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { timers } from '../../lib/timers.js';
import { fakeTime } from '../fake-time.js';
import { OfflineCodex } from '../offline-codex.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

describe('An idle thread', function () {
  this.timeout(15_000);
  let offline: OfflineCodex;
  let transport: FaultyTransport;
  let codex: Codex;
  let clock: SinonFakeTimers;
  let setTimeout: SinonSpy;
  // A separate sandbox: a later `sinon.restore()` would restore the fake timer that this spy wraps.
  const sandbox = sinon.createSandbox();

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    transport = new FaultyTransport(offline.transport());
    codex = offline.client({ transport, keepLoadedMs: 60_000 });
    await codex.warmUp();
  });

  beforeEach(() => {
    transport.reset();
    clock = fakeTime('setTimeout', 'clearTimeout');
    setTimeout = sandbox.spy(timers, 'setTimeout');
  });

  afterEach(() => {
    sandbox.restore();
    clock.restore();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function asked(method: 'thread/unsubscribe' | 'thread/resume' | 'thread/name/set'): number {
    return transport.requests(method).length;
  }

  /** Resolves when codex-rs has unloaded a thread. */
  async function unloaded(): Promise<void> {
    for await (const _ of codex.notifications({ methods: ['thread/closed'] })) return;
  }

  /** Resolves when the client has set another timer of this length since the call. */
  async function timerOf(milliseconds: number): Promise<void> {
    const count = (): number =>
      setTimeout.args.filter(([, delay]) => delay === milliseconds).length;
    const before = count();
    while (count() === before) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Runs a turn, and resolves when the thread is idle: the work after a turn may take longer than its result. */
  async function ran(thread: Thread, input: string): Promise<TurnResult> {
    const [result] = await Promise.all([thread.run(input), timerOf(60_000)]);
    return result;
  }

  /** Resolves when the client has finished everything that needs no reply. */
  async function settled(): Promise<void> {
    for (let round = 0; round < 20; round += 1)
      await new Promise((resolve) => setImmediate(resolve));
  }

  it('is unloaded after keepLoadedMs and not before, and loaded again by its next turn', async () => {
    const thread = codex.startThread();
    await ran(thread, 'One');

    clock.tick(59_999);
    await settled();
    expect(asked('thread/unsubscribe')).to.equal(0);
    const closed = unloaded();
    clock.tick(1);
    await closed;

    expect(asked('thread/unsubscribe')).to.equal(1);
    await thread.run('Two');
    expect(asked('thread/resume')).to.equal(1);
  });

  it('restarts its wait with every use', async () => {
    const thread = codex.startThread();
    await ran(thread, 'One');
    clock.tick(50_000);

    await ran(thread, 'Two');
    clock.tick(50_000);
    await settled();

    expect(asked('thread/unsubscribe')).to.equal(0);
    const closed = unloaded();
    clock.tick(10_000);
    await closed;
    expect(asked('thread/unsubscribe')).to.equal(1);
  });

  it('is renamed only after an unload that has started', async () => {
    const closed = new Gate();
    transport.onMessage('thread/closed').holdUntil(closed);
    const thread = codex.startThread();
    await ran(thread, 'One');
    const released = thread.release();
    await closed.reached;

    const named = thread.setName('New');
    await settled();
    const askedBefore = asked('thread/name/set');
    closed.open();
    await Promise.all([released, named]);

    expect(askedBefore).to.equal(0);
    expect(await thread.read()).to.include({ name: 'New' });
  });

  it('is not busy while it is unloaded', async () => {
    const closed = new Gate();
    const thread = codex.startThread();
    await ran(thread, 'One');
    transport.onMessage('thread/closed', { nth: 1 }).holdUntil(closed);
    clock.tick(60_000);
    await closed.reached;

    const turn = thread.run('Two', { whenBusy: 'reject' });
    const labelled = thread.setLabels({ team: 'payments' });
    closed.open();

    expect((await turn).finalResponse).to.equal('Yes');
    expect((await labelled).labels.toJSON()).to.deep.equal({ team: 'payments' });
  });

  describe('that codex-rs does not unload', () => {
    let answer: Gate;
    let closed: Gate;
    let problems: TelemetryMessages['problem'][];
    let forget: () => void;

    beforeEach(() => {
      problems = [];
      forget = telemetry.problem.subscribe((message) => problems.push(message));
      [answer, closed] = [new Gate(), new Gate()];
      transport.on('thread/unsubscribe').delayReplyUntil(answer);
      transport.onMessage('thread/closed').holdUntil(closed);
    });

    afterEach(() => {
      forget();
    });

    /** The client waits for `thread/closed`, which codex-rs has sent. */
    async function answered(): Promise<void> {
      await Promise.all([answer.reached, closed.reached]);
      const waits = timerOf(10_000);
      answer.open();
      await waits;
    }

    it('is reported as a problem, and loaded again by its next turn', async () => {
      const thread = codex.startThread();
      const { threadId } = await ran(thread, 'One');

      clock.tick(60_000);
      await answered();
      clock.tick(10_000);
      await settled();

      expect(problems).to.have.length(1);
      expect(problems[0]).to.include({ threadId, during: 'unload' });
      expect((await thread.run('Two')).finalResponse).to.equal('Yes');
    });

    it('cannot be released, which is reported after 10 seconds with the likely reason', async () => {
      const thread = codex.startThread();
      await ran(thread, 'One');
      const released = failure(thread.release());
      await answered();

      clock.tick(10_000);

      const error = await released;
      expect(error).to.be.instanceOf(TransportError);
      expect(error).to.include({ code: 'timeout', retryable: true });
      expect(String(error)).to.contain('thread_unload_delay_secs');
    });
  });
});
