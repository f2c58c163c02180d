import { expect } from 'chai';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  telemetry,
  type Codex,
  type ContinuationToken,
  type ResumeProof,
  type Thread,
} from '../../lib/index.js';
import { ScriptedReply, TemporaryCodexHome } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { copyRollouts } from '../rollouts.js';
import { noProcessLeft } from '../root-hooks.js';

interface Left {
  readonly threadId: string;
  readonly snapshot: unknown;
  /** The token of each turn, and of the last operation. */
  readonly tokens: readonly ContinuationToken[];
}

async function leave(
  thread: Thread,
  inputs: readonly string[],
  atLast: (thread: Thread) => Promise<unknown> = async () => Promise.resolve(),
): Promise<Left> {
  const tokens: ContinuationToken[] = [];
  for (const input of inputs) tokens.push((await thread.run(input)).continuation);
  await atLast(thread);
  const { threadId, continuation } = thread;
  if (threadId === null || continuation === null) throw new Error('It has not run.');
  return {
    threadId,
    tokens: [...tokens, continuation],
    snapshot: JSON.parse(JSON.stringify(thread)),
  };
}

async function revertLast(thread: Thread): Promise<void> {
  const [last] = await collected(thread.turns({ order: 'newestFirst' }));
  await thread.revert({ before: last?.id ?? '' });
}

describe('A thread of which only the rollouts were moved to another home', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let home: TemporaryCodexHome;
  let elsewhere: Codex;
  let plain: Left;
  let forked: Left;
  let reverted: Left;
  let emptied: Left;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const codex = offline.client();
    plain = await leave(codex.startThread(), ['One', 'Two', 'Three']);
    const source = codex.startThread();
    await source.run('One');
    forked = await leave(await source.fork(), []);
    reverted = await leave(codex.startThread(), ['One', 'Two'], revertLast);
    emptied = await leave(codex.startThread(), ['One'], revertLast);
    await codex.close();
  });

  beforeEach(async () => {
    home = await TemporaryCodexHome.create();
    copyRollouts(offline.home.path, home.path);
    elsewhere = offline.client({ codexHome: home.path });
  });

  afterEach(async () => {
    await elsewhere.close();
    await home.remove();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function seenByTheModel(thread: Thread): Promise<readonly string[]> {
    await thread.run('Go on');
    const texts = offline.model.requests.at(-1)?.userTexts ?? [];
    return texts.filter((text) => ['One', 'Two', 'Three', 'Go on'].includes(text));
  }

  async function reason({ threadId }: Left, proof: ResumeProof = {}): Promise<unknown> {
    return failure(elsewhere.resumeThread(threadId, proof));
  }

  it('is continued by id, by token and by snapshot, with its whole history', async () => {
    const { threadId, tokens, snapshot } = plain;
    const warnings: string[] = [];
    const forget = telemetry.resumeAccept.subscribe((message) =>
      warnings.push(...message.warnings),
    );

    const byId = await elsewhere.resumeThread(threadId);
    const turns = await collected(byId.turns());
    const byToken = await elsewhere.resumeThread(threadId, { continuation: tokens[2]! });
    const bySnapshot = await elsewhere.restoreThread(snapshot);
    forget();

    expect(turns).to.have.length(3);
    expect(warnings).to.deep.equal(['no-token', 'sandbox-unknown']);
    expect(byToken.threadId).to.equal(byId.threadId);
    expect(await seenByTheModel(bySnapshot)).to.deep.equal(['One', 'Two', 'Three', 'Go on']);
  });

  it('is stale for the token of an earlier turn, by the number of newer turns', async () => {
    expect(await reason(plain, { continuation: plain.tokens[0]! })).to.deep.nested.include({
      reason: 'stale',
      'verdict.advancedBy': 2,
    });
  });

  it('is not locked by the validation', async () => {
    await elsewhere.resumeThread(plain.threadId, { continuation: plain.tokens[2]! });
    const other = offline.client({ codexHome: home.path });

    const thread = await other.resumeThread(plain.threadId);

    expect(await seenByTheModel(thread)).to.include('Go on');
    await other.close();
  });

  it('is validated once for concurrent resumes', async () => {
    const resumes = Array.from({ length: 4 }, async () => elsewhere.resumeThread(plain.threadId));

    const [thread] = await Promise.all(resumes);

    expect(await seenByTheModel(thread!)).to.deep.equal(['One', 'Two', 'Three', 'Go on']);
  });

  it('is continued by token if it is a fork, with its inherited history', async () => {
    const { threadId, tokens } = forked;

    const thread = await elsewhere.resumeThread(threadId, { continuation: tokens[0]! });

    expect(await seenByTheModel(thread)).to.deep.equal(['One', 'Go on']);
  });

  it('is continued by id if it was reverted', async () => {
    const thread = await elsewhere.resumeThread(reverted.threadId);

    expect(await seenByTheModel(thread)).to.deep.equal(['One', 'Go on']);
  });

  it('is neither diverged nor without turns if it was reverted and codex-rs lists no earlier turns', async () => {
    const reasons = [
      await reason(reverted, { continuation: reverted.tokens[2]! }),
      await reason(reverted, { continuation: reverted.tokens[1]! }),
      await reason(emptied, { continuation: emptied.tokens[0]! }),
    ];

    for (const error of reasons) expect(error).to.include({ reason: 'unreadable-history' });
  });
});

describe('A thread whose index of turns', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let privateState: TemporaryCodexHome;
  let here: Codex;
  let elsewhere: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    privateState = await TemporaryCodexHome.create();
  });

  beforeEach(() => {
    here = offline.client();
    // The rollouts and the locks are shared; the databases are separate.
    const env = { ...offline.environment, CODEX_SQLITE_HOME: privateState.path };
    elsewhere = offline.client({ env });
  });

  afterEach(async () => {
    await Promise.all([here.close(), elsewhere.close()]);
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await privateState.remove();
    await noProcessLeft();
  });

  it('was lost is continued by id and by token', async () => {
    const { threadId, continuation } = await here.startThread().run('One');
    await here.close();
    for (const file of readdirSync(offline.home.path))
      if (file.startsWith('thread_history')) rmSync(join(offline.home.path, file));
    const again = offline.client();

    const byId = await again.resumeThread(threadId);
    const byToken = await again.resumeThread(threadId, { continuation });
    await byToken.run('Go on');

    expect(byId.threadId).to.equal(threadId);
    expect(offline.model.requests.at(-1)?.userTexts).to.include('One');
    await again.close();
  });

  it('is older than the rollout is continued by the token of a turn that was run elsewhere', async () => {
    const thread = here.startThread();
    const { threadId, continuation } = await thread.run('One');
    await thread.release();
    const there = await elsewhere.resumeThread(threadId, { continuation });
    const { continuation: newer } = await there.run('Two');
    await there.release();

    const fresh = offline.client();
    const again = await fresh.resumeThread(threadId, { continuation: newer });
    await again.run('Three');

    expect(offline.model.requests.at(-1)?.userTexts).to.include.members(['One', 'Two', 'Three']);
    await fresh.close();
  });

  it('cannot be updated while another process has loaded the thread is busy', async () => {
    const { threadId, continuation } = await here.startThread().run('One');

    const error = await failure(elsewhere.resumeThread(threadId, { continuation }));

    expect(error).to.include({ reason: 'busy', retryable: true });
  });
});
