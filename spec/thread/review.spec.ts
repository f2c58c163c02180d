import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AskApprovals,
  OutcomeUnknownError,
  ValidationError,
  type Codex,
  type Thread,
} from '../../lib/index.js';
import { FaultyTransport, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

describe('A review', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let directory: string;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
    directory = join(offline.home.path, 'project');
    mkdirSync(directory);
    execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: directory });
    writeFileSync(join(directory, 'a.ts'), 'save();\n');
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const start = (options: object = {}): Thread =>
    codex.startThread({ model: 'mock-model', workingDirectory: directory, ...options });

  /** The answer of the reviewer of codex-rs. */
  function found(...findings: readonly object[]): ScriptedReply {
    const complete = findings.map((finding) => ({
      confidence_score: 0.9,
      priority: 1,
      code_location: {
        absolute_file_path: join(directory, 'a.ts'),
        line_range: { start: 1, end: 2 },
      },
      ...finding,
    }));
    return ScriptedReply.message(
      JSON.stringify({
        findings: complete,
        overall_correctness: 'patch is incorrect',
        overall_explanation: 'One promise is not awaited.',
        overall_confidence_score: 0.8,
      }),
    );
  }

  it('returns the findings as a turn of the thread, which continues after it', async () => {
    const thread = start();
    offline.model.reply(
      found(
        { title: '[P1] Await the promise', body: 'It may fail.\n\n- later\n- unseen' },
        { title: 'Say — why', body: '' },
      ),
      ScriptedReply.message('Fixed.'),
    );

    const review = await thread.review();

    expect(offline.model.requests.at(-1)?.userTexts.join()).to.contain('current code changes');
    expect(review).to.deep.include({
      status: 'completed',
      explanation: 'One promise is not awaited.',
      findings: [
        {
          title: 'Await the promise',
          priority: 1,
          body: 'It may fail.\n\n- later\n- unseen',
          path: join(directory, 'a.ts'),
          startLine: 1,
          endLine: 2,
        },
        {
          title: 'Say — why',
          priority: null,
          body: '',
          path: join(directory, 'a.ts'),
          startLine: 1,
          endLine: 2,
        },
      ],
    });
    expect(review.thread).to.equal(thread);
    expect(review.threadId).to.equal(thread.threadId);
    expect(thread.continuation?.turnId).to.equal(review.turnId);
    const again = await offline.client().resumeThread(review.threadId, {
      continuation: review.continuation,
    });
    await thread.release();
    expect((await again.run('Fix it')).finalResponse).to.equal('Fixed.');
  });

  it('sends the target of the review to codex-rs', async () => {
    const asked = async (target: NonNullable<Parameters<Thread['review']>[0]>['target']) => {
      offline.model.reply(ScriptedReply.message('All is well.'));
      const { findings, explanation } = await start().review(
        target === undefined ? {} : { target },
      );
      expect([findings, explanation]).to.deep.equal([[], 'All is well.']);
      return offline.model.requests.at(-1)?.userTexts.join() ?? '';
    };

    expect(await asked({ baseBranch: 'main' })).to.contain("base branch 'main'");
    expect(await asked({ commit: 'abc123', title: 'Save' })).to.contain('commit abc123 ("Save")');
    expect(await asked({ instructions: 'Look at a.ts only' })).to.contain('Look at a.ts only');
  });

  it('runs on a separate thread if it is detached', async () => {
    const thread = start({ labels: { team: 'payments' } });
    offline.model.reply(ScriptedReply.message('Hello'), found({ title: '[P0] Leak', body: 'x' }));
    await thread.run('Hello');
    const { turnId } = thread.continuation!;

    const review = await thread.review({ delivery: 'detached' });

    expect(review.findings[0]).to.include({ priority: 0, title: 'Leak' });
    expect(review.thread).to.not.equal(thread);
    expect(review.thread.threadId).to.equal(review.threadId).and.not.equal(thread.threadId);
    expect(review.thread.labels.toJSON()).to.deep.equal({ team: 'payments' });
    expect(review.thread.threadOptions.workingDirectory).to.equal(directory);
    expect(thread.continuation?.turnId).to.equal(turnId);
  });

  it('never asks for approval, and its commands run in the sandbox of the thread', async () => {
    const asked: unknown[] = [];
    const approvals = new AskApprovals((request) => {
      asked.push(request);
      return request.decide('allow');
    });
    const file = join(directory, 'made-by-the-reviewer');
    const thread = start({ sandboxMode: 'read-only', approvals });
    const touch = ScriptedReply.shellCommand(`touch ${file}`, { escalated: true });
    offline.model.reply(touch, found({ title: 'x', body: 'y' }));

    expect((await thread.review()).findings).to.have.length(1);

    expect(existsSync(file)).to.equal(false);
    offline.model.reply(
      ScriptedReply.shellCommand(`touch ${file}`),
      found({ title: 'x', body: 'y' }),
      ScriptedReply.shellCommand(`touch ${file}-2`),
      ScriptedReply.message('Done'),
    );
    await thread.clone({ options: { sandboxMode: 'danger-full-access' } }).review();
    expect(existsSync(file)).to.equal(true);
    // The thread has its own sandbox again.
    await thread.run('Touch another one');
    expect(existsSync(`${file}-2`)).to.equal(false);
    expect(asked).to.deep.equal([]);
  });

  it('is stopped by its signal, together with the commands of the reviewer', async () => {
    const controller = new AbortController();
    const thread = start({ sandboxMode: 'danger-full-access' });
    offline.model.reply(ScriptedReply.shellCommand('sleep 60', { yieldTimeMs: 60_000 }));
    await thread.open();
    const started = (async () => {
      for await (const { params } of codex.notifications({ methods: ['item/started'] }))
        if (params.item.type === 'commandExecution') return;
    })();

    const review = thread.review({ signal: controller.signal });
    await started;
    controller.abort(new Error('enough'));

    expect(await failure(review)).to.equal(controller.signal.reason);
    offline.model.reply(ScriptedReply.message('Still here.'));
    expect((await thread.run('Go on')).finalResponse).to.equal('Still here.');
  });

  describe('whose acknowledgement is lost', () => {
    let transport: FaultyTransport;
    let thread: Thread;

    beforeEach(async () => {
      transport = new FaultyTransport();
      thread = offline
        .client({ transport })
        .startThread({ model: 'mock-model', workingDirectory: directory });
      offline.model.reply(ScriptedReply.message('Hello'), found({ title: '[P2] Late', body: 'x' }));
      await thread.run('Hello');
      transport.on('review/start').dropReply();
    });

    it('is acknowledged by its start', async () => {
      expect((await thread.review()).findings).to.have.length(1);
    });

    it('is found in the history', async () => {
      transport.onMessage('item/started', { nth: 1 }).drop();

      const error = await failure(thread.review({ timeouts: { ackMs: 500 } }));
      const outcome = OutcomeUnknownError.is(error) ? await error.reconcile() : error;

      expect(outcome).to.include({ status: 'found', turnStatus: 'completed' });
      offline.model.reply(ScriptedReply.message('Still here.'));
      expect((await thread.run('Go on')).finalResponse).to.equal('Still here.');
    });
  });

  it('is refused with invalid options, before anything is sent', async () => {
    const problems = async (options: object): Promise<unknown> => {
      const error = await failure(start().review(options));
      return ValidationError.is(error) ? error.problems.map(({ path }) => path) : error;
    };

    expect(await problems({ target: 'all', delivery: 'mail' })).to.deep.equal([
      'delivery',
      'target',
    ]);
    expect(await problems({ target: { commit: 'a', baseBranch: 'b' } })).to.deep.equal(['target']);
    expect(await problems({ target: { instructions: ' ' } })).to.deep.equal(['target']);
    expect(await problems({ target: { baseBranch: 'a', title: 'b' } })).to.deep.equal(['target']);
    expect(await problems({ budget: { totalTokens: 5 } })).to.deep.equal(['budget']);
  });
});
