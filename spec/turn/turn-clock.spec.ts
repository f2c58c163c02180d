import { expect } from 'chai';
import sinon from 'sinon';
import { TurnTimeoutError, type TurnTimeouts } from '../../lib/index.js';
import { FaultyTransport, Gate, ScriptedReply } from '../../lib/testing/index.js';
import { TurnClock } from '../../lib/turn/turn-clock.js';
import { failure } from '../outcomes.js';
import { fakeTime } from '../fake-time.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('TurnClock', () => {
  let time: sinon.SinonFakeTimers;
  let expired: sinon.SinonSpy;

  beforeEach(() => {
    time = fakeTime();
    expired = sinon.spy();
  });

  afterEach(() => {
    time.restore();
  });

  function clock(timeouts: TurnTimeouts): TurnClock {
    const subject = new TurnClock(timeouts, expired);
    subject.start();
    return subject;
  }

  it('applies only the limits that are set', () => {
    clock({}).progress();

    time.tick(24 * 3600 * 1000);

    expect(expired.called).to.equal(false);
  });

  it('allows twenty minutes of steady progress under an idle limit of a minute', () => {
    const subject = clock({ idleMs: 60_000 });
    for (let minutes = 0; minutes < 20; minutes += 0.5) {
      subject.progress();
      time.tick(30_000);
    }

    expect(expired.called).to.equal(false);
    time.tick(30_000);
    expect(expired.calledOnceWithExactly('idleMs', 60_000)).to.equal(true);
  });

  it('reports a turn without any progress', () => {
    clock({ firstProgressMs: 1000, idleMs: 10 });

    time.tick(999);
    expect(expired.called).to.equal(false);
    time.tick(1);
    expect(expired.calledOnceWithExactly('firstProgressMs', 1000)).to.equal(true);
  });

  it('counts the total time, regardless of progress', () => {
    const subject = clock({ totalMs: 1000 });
    for (let step = 0; step < 9; step += 1) {
      time.tick(100);
      subject.progress();
    }

    expect(expired.called).to.equal(false);
    time.tick(100);
    expect(expired.calledOnceWithExactly('totalMs', 1000)).to.equal(true);
  });

  it('pauses while the turn waits for a decision', () => {
    const subject = clock({ totalMs: 1000, idleMs: 500 });
    subject.progress();
    time.tick(400);
    subject.pause();
    subject.pause();
    time.tick(3_600_000);
    subject.resume();
    time.tick(3_600_000);
    subject.resume();
    time.tick(99);

    expect(expired.called).to.equal(false);
    time.tick(1);
    expect(expired.calledOnceWithExactly('idleMs', 500)).to.equal(true);
  });

  it('reports once, and never after it is stopped', () => {
    const subject = clock({ totalMs: 10, firstProgressMs: 10 });
    time.tick(10);
    subject.stop();
    time.tick(1000);

    expect(expired.callCount).to.equal(1);
  });
});

describe('A turn that becomes silent', function () {
  this.timeout(15_000);

  afterEach(() => {
    sinon.restore();
  });

  it('is stopped after the idle limit, with the limit and the last event in the error', async () => {
    const offline = await OfflineCodex.start();
    offline.model
      .reply(ScriptedReply.message('Some').gate(new Gate()))
      .otherwise(ScriptedReply.message('Done'));
    const transport = new FaultyTransport(offline.transport());
    const codex = offline.client({ transport });
    await codex.warmUp();
    const thread = codex.startThread();

    const time = fakeTime('setTimeout', 'clearTimeout');
    const ended = failure(thread.run('Hi', { timeouts: { idleMs: 150 } }));
    for await (const { params } of codex.notifications({ methods: ['item/completed'] }))
      if (params.item.type === 'agentMessage') break;
    time.tick(150);
    time.restore();
    const error = await ended;

    expect(error).to.be.instanceOf(TurnTimeoutError);
    expect(error).to.include({ budget: 'idleMs', limitMs: 150, lastEvent: 'item/completed' });
    expect((error as TurnTimeoutError).items.at(-1)).to.include({ text: 'Some' });
    expect(transport.requests('turn/interrupt')).to.have.length(1);
    expect((await thread.run('Next')).finalResponse).to.be.a('string');
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });
});
