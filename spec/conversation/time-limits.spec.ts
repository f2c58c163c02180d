import { expect } from 'chai';
import {
  TransportError,
  TurnTimeoutError,
  telemetry,
  type ProblemMessage,
} from '../../lib/index.js';
import { failure } from '../failure.js';
import { FaultyCodex } from '../faulty-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const usualAnswer = 'Hello brave new world';

describe('Over an app-server that loses replies', function () {
  // Well below the 30 s that codex-rs is given by default: nothing here may wait for that.
  this.timeout(15_000);
  const limited = { timeouts: { ackMs: 300 } };
  let codex: FaultyCodex;

  beforeEach(async () => {
    codex = await FaultyCodex.create();
  });

  afterEach(async () => {
    await codex[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** The id of a thread that has run in a client that is closed. */
  async function earlierThread(): Promise<string> {
    await using earlier = codex.client();
    return (await earlier.startThread().run('One')).threadId;
  }

  describe('ackMs', () => {
    it('bounds the start of a thread, which is not sent again', async () => {
      codex.server.on('thread/start').dropReply();

      const error = await failure(codex.client().startThread().run('One', limited));

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'timeout');
      expect(codex.server.requests('thread/start')).to.have.length(1);
      expect(codex.server.requests('turn/start')).to.have.length(0);
    });

    it('bounds the resumption of a thread, and the next turn resumes it', async () => {
      const threadId = await earlierThread();
      codex.server.on('thread/resume', { nth: 1 }).dropReply();
      const thread = await codex.client().resumeThread(threadId);

      const error = await failure(thread.run('Two', limited));
      const next = await thread.run('Three');

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'timeout');
      expect(next.threadId).to.equal(threadId);
      expect(codex.server.requests('thread/start')).to.have.length(1);
    });

    it('bounds the reading of what is stored with a thread', async () => {
      const threadId = await earlierThread();
      // resumeThread() reads the labels first.
      codex.server.on('thread/attachment/list', { nth: 2 }).dropReply();
      const thread = await codex.client().resumeThread(threadId);

      const error = await failure(thread.run('Two', limited));

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'timeout');
      expect(codex.server.requests('turn/start')).to.have.length(1);
    });

    it('bounds the preparation of settings for one turn', async () => {
      codex.server.on('thread/attachment/remove', { nth: 1 }).dropReply();
      const thread = codex.client().startThread();
      await thread.run('One');

      const options = { modelReasoningEffort: 'high' } as const;
      const error = await failure(thread.run('Two', { ...limited, options }));

      expect(error).to.be.instanceOf(TransportError).with.property('code', 'timeout');
      expect(codex.server.requests('turn/start')).to.have.length(1);
    });
  });

  it('totalMs bounds the opening of a thread, and the next turn does not wait for that', async () => {
    codex.server.on('thread/start', { nth: 1 }).dropReply();
    const thread = codex.client().startThread();

    const error = await failure(thread.run('One', { timeouts: { totalMs: 300 } }));
    const next = await thread.run('Two');

    expect(error)
      .to.be.instanceOf(TurnTimeoutError)
      .and.include({ budget: 'totalMs', threadId: null, turnId: null, lastEvent: null });
    expect(next.finalResponse).to.equal(usualAnswer);
    expect(codex.server.requests('turn/start')).to.have.length(1);
  });

  describe('a turn that is over', () => {
    const problems: ProblemMessage[] = [];
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
      codex.server.on('thread/attachment/add').dropReply();
      const thread = codex.client().startThread({ labels: { team: 'payments' } });

      const { finalResponse } = await thread.run('One');

      expect(finalResponse).to.equal(usualAnswer);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.include({ threadId: thread.threadId, during: 'labels' });
      expect(problems[0]?.message).to.contain('setLabels()');
    });

    it('waits only briefly for its settings to be put back, and the thread is loaded again', async () => {
      codex.server.on('thread/settings/update', { nth: 1 }).dropReply();
      const thread = codex.client().startThread();
      await thread.run('One');

      await thread.run('Two', { options: { modelReasoningEffort: 'high' } });
      const { finalResponse } = await thread.run('Three');

      expect(finalResponse).to.equal(usualAnswer);
      expect(problems.map(({ during }) => during)).to.deep.equal(['settings']);
      expect(codex.server.requests('thread/resume')).to.have.length(1);
    });
  });
});
