import { expect } from 'chai';
import {
  TransportError,
  TurnTimeoutError,
  telemetry,
  type Codex,
  type TelemetryMessages,
} from '../../lib/index.js';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const usualAnswer = 'Hello brave new world';

describe('Over an app-server that loses replies', function () {
  // Well below the default limit of 30 s: nothing here may wait for it.
  this.timeout(15_000);
  const limited = { timeouts: { ackMs: 300 } };
  let offline: OfflineCodex;
  let transport: FaultyTransport;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message(usualAnswer));
    transport = new FaultyTransport(offline.transport());
    codex = offline.client({ transport });
    await codex.warmUp();
  });

  beforeEach(() => {
    transport.reset();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** The id of a thread that has run, and that this client has released. */
  async function earlierThread(): Promise<string> {
    const thread = codex.startThread();
    const { threadId } = await thread.run('One');
    await thread.release();
    transport.reset();
    return threadId;
  }

  describe('ackMs', () => {
    it('limits the start of a thread, which is not sent again', async () => {
      transport.on('thread/start').dropReply();

      const error = await failure(codex.startThread().run('One', limited));

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'timeout');
      expect(transport.requests('thread/start')).to.have.length(1);
      expect(transport.requests('turn/start')).to.have.length(0);
    });

    it('limits the resume of a thread, which the next turn repeats', async () => {
      const threadId = await earlierThread();
      transport.on('thread/resume', { nth: 1 }).dropReply();
      const thread = await codex.resumeThread(threadId);

      const error = await failure(thread.run('Two', limited));
      const next = await thread.run('Three');

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'timeout');
      expect(next.threadId).to.equal(threadId);
      expect(transport.requests('thread/start')).to.have.length(0);
    });

    it('limits the reading of stored attachments', async () => {
      const threadId = await earlierThread();
      // resumeThread() reads the labels first.
      transport.on('thread/attachment/list', { nth: 2 }).dropReply();
      const thread = await codex.resumeThread(threadId);

      const error = await failure(thread.run('Two', limited));

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'timeout');
      expect(transport.requests('turn/start')).to.have.length(0);
    });

    it('limits the preparation of settings for one turn', async () => {
      // The first turn stores the sandbox.
      transport.on('thread/attachment/add', { nth: 2 }).dropReply();
      const thread = codex.startThread();
      await thread.run('One');

      const options = { modelReasoningEffort: 'high' } as const;
      const error = await failure(thread.run('Two', { ...limited, options }));

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'timeout');
      expect(transport.requests('turn/start')).to.have.length(1);
    });
  });

  it('totalMs limits the opening of a thread, and the next turn does not wait for it', async () => {
    transport.on('thread/start', { nth: 1 }).dropReply();
    const thread = codex.startThread();

    const error = await failure(thread.run('One', { timeouts: { totalMs: 300 } }));
    const next = await thread.run('Two');

    expect(error)
      .to.be.instanceOf(TurnTimeoutError)
      .and.include({ budget: 'totalMs', threadId: null, turnId: null, lastEvent: null });
    expect(next.finalResponse).to.equal(usualAnswer);
    expect(transport.requests('turn/start')).to.have.length(1);
  });

  describe('a completed turn', () => {
    const problems: TelemetryMessages['problem'][] = [];
    let forget: () => void;

    beforeEach(() => {
      problems.length = 0;
      forget = telemetry.problem.subscribe((problem) => {
        if (problem.during !== 'protocol') problems.push(problem);
      });
    });

    afterEach(() => {
      forget();
    });

    it('waits only briefly for its labels, and reports that they may be missing', async () => {
      transport.on('thread/attachment/add').dropReply();
      const thread = codex.startThread({ labels: { team: 'payments' } });

      const { finalResponse } = await thread.run('One');

      expect(finalResponse).to.equal(usualAnswer);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.include({ threadId: thread.threadId, during: 'labels' });
      expect(problems[0]?.message).to.contain('setLabels()');
    });

    it('waits only briefly for the restoration of its settings, and the thread is loaded again', async () => {
      transport.on('thread/settings/update', { nth: 1 }).dropReply();
      const thread = codex.startThread();
      await thread.run('One');

      await thread.run('Two', { options: { modelReasoningEffort: 'high' } });
      const { finalResponse } = await thread.run('Three');

      expect(finalResponse).to.equal(usualAnswer);
      expect(problems.map(({ during }) => during)).to.deep.equal(['settings']);
      expect(transport.requests('thread/resume')).not.to.have.length(0);
    });
  });
});
