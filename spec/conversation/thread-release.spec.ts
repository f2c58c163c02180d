import { expect } from 'chai';
import type { SinonFakeTimers } from 'sinon';
import { telemetry, TransportError, type ProblemMessage } from '../../lib/index.js';
import { FaultyAppServer } from '../../lib/testing/faulty-app-server.js';
import { FaultyTurn } from '../../lib/testing/faulty-turn.js';
import { fakeTime } from '../fake-time.js';
import { failure } from '../outcomes.js';
import { MemoryThreads } from './memory-threads.js';

describe('An idle thread', () => {
  let clock: SinonFakeTimers;
  let server: FaultyAppServer;

  beforeEach(() => {
    clock = fakeTime('setTimeout', 'clearTimeout');
    server = new FaultyAppServer().plays(new FaultyTurn().message('Yes'), { times: 0 });
  });

  afterEach(() => {
    clock.restore();
  });

  function asked(method: string): number {
    return server.received.filter(({ message }) => message?.method === method).length;
  }

  /** In memory, everything that is going to happen happens within a few rounds. */
  async function settled(): Promise<void> {
    for (let round = 0; round < 20; round += 1)
      await new Promise((resolve) => setImmediate(resolve));
  }

  it('is unloaded after keepLoadedMs and not before, and loaded again by its next turn', async () => {
    await using threads = new MemoryThreads(() => server.connection(), { keepLoadedMs: 60_000 });
    const thread = threads.builder.build();
    await thread.run('One');
    await settled();

    clock.tick(59_999);
    await settled();
    expect(asked('thread/unsubscribe')).to.equal(0);
    clock.tick(1);
    await settled();

    expect(asked('thread/unsubscribe')).to.equal(1);
    await thread.run('Two');
    expect(asked('thread/resume')).to.equal(1);
  });

  it('starts to wait anew with every use', async () => {
    await using threads = new MemoryThreads(() => server.connection(), { keepLoadedMs: 60_000 });
    const thread = threads.builder.build();
    await thread.run('One');
    await settled();
    clock.tick(50_000);

    await thread.run('Two');
    await settled();
    clock.tick(50_000);
    await settled();

    expect(asked('thread/unsubscribe')).to.equal(0);
    clock.tick(10_000);
    await settled();
    expect(asked('thread/unsubscribe')).to.equal(1);
  });

  describe('that codex-rs does not unload', () => {
    let problems: ProblemMessage[];
    let forget: () => void;

    beforeEach(() => {
      problems = [];
      forget = telemetry.problem.subscribe((message) => problems.push(message));
      server.onNotification('thread/closed').drop();
    });

    afterEach(() => {
      forget();
    });

    it('is told of as a problem, and loaded anew by its next turn', async () => {
      await using threads = new MemoryThreads(() => server.connection(), { keepLoadedMs: 60_000 });
      const thread = threads.builder.build();
      const { threadId } = await thread.run('One');
      await settled();

      clock.tick(60_000);
      await settled();
      clock.tick(10_000);
      await settled();

      expect(problems).to.have.length(1);
      expect(problems[0]).to.include({ threadId, during: 'unload' });
      expect((await thread.run('Two')).finalResponse).to.equal('Yes');
    });

    it('cannot be released: that is said after 10 seconds, with what may be the reason', async () => {
      await using threads = new MemoryThreads(() => server.connection());
      const thread = threads.builder.build();
      await thread.run('One');
      const released = failure(thread.release());
      await settled();

      clock.tick(10_000);

      const error = await released;
      expect(error).to.be.instanceOf(TransportError);
      expect(error).to.include({ code: 'timeout', retryable: true });
      expect(String(error)).to.contain('thread_unload_delay_secs');
    });
  });
});
