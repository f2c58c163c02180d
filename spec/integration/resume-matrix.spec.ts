import { expect } from 'chai';
import {
  CodexRsResumeValidator,
  ResumeRejectedError,
  telemetry,
  type Codex,
  type ResumeRejection,
  type ResumeValidator,
  type Thread,
} from '../../lib/index.js';
import { PythonFixtureResumeValidator } from '../../lib/parity/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { processOf } from '../crash.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { LiveFixtures } from './live-fixtures.js';

/** The state of a thread after its process has ended. */
interface Left {
  readonly threadId: string;
  readonly sessionId: string;
  readonly turnIds: readonly string[];
  /** The token of every turn. */
  readonly tokens: readonly string[];
  readonly snapshot: string;
}

type Validator = 'CodexRsResumeValidator' | 'PythonFixtureResumeValidator';
type Way = 'token' | 'snapshot';
type Accepted = 'unchanged' | 'compacted' | 'reverted' | 'fork' | 'forkedFrom' | 'killed';
type Refused =
  | 'advancedElsewhere'
  | 'compactedElsewhere'
  | 'revertedElsewhere'
  | 'archivedElsewhere'
  | 'deletedElsewhere'
  | 'heldElsewhere';

const validators: readonly Validator[] = ['CodexRsResumeValidator', 'PythonFixtureResumeValidator'];
const ways: readonly Way[] = ['token', 'snapshot'];

describe('Resuming in a new process', function () {
  this.timeout(60_000);
  const continued = new Map<string, Left>();
  const refused = new Map<Refused, Left>();
  let offline: OfflineCodex;
  let elsewhere: Codex;
  let fresh: Codex;
  let fixtures: LiveFixtures;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(({ userTexts }) =>
      ScriptedReply.message(`Answer to ${userTexts.at(-1) ?? ''}`),
    );
    await leaveThreads();
    await killTurns();
    elsewhere = offline.client();
    await meddle();
    fixtures = await LiveFixtures.start(offline);
    for (const { threadId } of [...continued.values(), ...refused.values()])
      if (threadId !== refused.get('deletedElsewhere')?.threadId) await fixtures.record(threadId);
    fresh = offline.client();
  });

  after(async () => {
    await fixtures.close();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** Runs in a first process, which has ended when this resolves. */
  async function leaveThreads(): Promise<void> {
    const first = offline.client();
    await eachClaim(async (key) => {
      continued.set(`unchanged ${key}`, await leave(first, ['One', 'Two']));
      continued.set(`forkedFrom ${key}`, await leave(first, ['One', 'Two']));
      continued.set(`fork ${key}`, await leaveFork(first));
      continued.set(
        `compacted ${key}`,
        await leave(first, ['One', 'Two'], async (thread) => {
          offline.model.replyOnceWhen(
            ({ kind }) => kind === 'compaction',
            ScriptedReply.compaction('In short'),
          );
          await thread.compact();
        }),
      );
      continued.set(
        `reverted ${key}`,
        await leave(first, ['One', 'Two', 'Three'], async (thread) => {
          const turns = await collected(thread.turns({ order: 'newestFirst' }));
          await thread.revert({ before: turns[0]?.id ?? '' });
        }),
      );
    });
    for (const name of [
      'advancedElsewhere',
      'compactedElsewhere',
      'revertedElsewhere',
      'archivedElsewhere',
      'deletedElsewhere',
      'heldElsewhere',
    ] as const)
      refused.set(name, await leave(first, ['One', 'Two']));
    await first.close();
  }

  /** Processes that are killed in the middle of a turn. */
  async function killTurns(): Promise<void> {
    const gate = new Gate();
    offline.model.replyWhen(
      ({ userTexts }) => userTexts.at(-1) === 'Never answered',
      ScriptedReply.gate(gate).message('Late'),
    );
    const doomed = offline.client();
    const lost: Promise<unknown>[] = [];
    const threads = new Map<string, Thread>();
    await eachClaim(async (key) => {
      const thread = doomed.startThread();
      await thread.run('One');
      lost.push(failure(thread.run('Never answered')));
      threads.set(key, thread);
    });
    await gate.reachedBy(threads.size);
    const known = new Map<string, Left>();
    for (const [key, thread] of threads) known.set(key, await asLeft(thread, []));
    process.kill(await processOf(doomed), 'SIGKILL');
    await Promise.all(lost);
    await doomed.close();
    for (const [key, left] of known) continued.set(`killed ${key}`, left);
  }

  /** The changes of another process in the meantime. */
  async function meddle(): Promise<void> {
    const resumed = async (name: Refused): Promise<Thread> =>
      elsewhere.resumeThread(refused.get(name)?.threadId ?? '');
    const advanced = await resumed('advancedElsewhere');
    await advanced.run('Three, elsewhere');
    await advanced.run('Four, elsewhere');
    offline.model.replyOnceWhen(
      ({ kind }) => kind === 'compaction',
      ScriptedReply.compaction('In short'),
    );
    const compacted = await resumed('compactedElsewhere');
    await compacted.compact();
    const reverted = await resumed('revertedElsewhere');
    await reverted.revert({ before: refused.get('revertedElsewhere')?.turnIds[1] ?? '' });
    await Promise.all([advanced, compacted, reverted].map(async (thread) => thread.release()));
    await elsewhere.archiveThread(refused.get('archivedElsewhere')?.threadId ?? '');
    await elsewhere.deleteThread(refused.get('deletedElsewhere')?.threadId ?? '');
    await (await resumed('heldElsewhere')).open();
    await eachClaim(async (key) => {
      await elsewhere.forkThread(continued.get(`forkedFrom ${key}`)?.threadId ?? '');
    });
  }

  function validator(name: Validator): ResumeValidator {
    return name === 'CodexRsResumeValidator'
      ? new CodexRsResumeValidator()
      : new PythonFixtureResumeValidator({ fixtures: fixtures.folder });
  }

  async function resume(left: Left, by: Validator, way: Way): Promise<Thread> {
    const resumeValidator = validator(by);
    if (way === 'snapshot')
      return fresh.restoreThread(JSON.parse(left.snapshot), { resumeValidator });
    const continuation = left.tokens.at(-1) ?? '';
    return fresh.resumeThread(left.threadId, { continuation, resumeValidator });
  }

  for (const by of validators)
    for (const way of ways)
      describe(`by ${way}, judged by the ${by},`, () => {
        async function continues(state: Accepted): Promise<readonly string[]> {
          const left = continued.get(`${state} ${by} ${way}`);
          if (left === undefined) throw new Error(`There is no thread that is ${state}.`);
          const warnings: string[] = [];
          const forget = telemetry.resumeAccept.subscribe((message) => {
            warnings.push(...message.warnings);
          });
          const thread = await resume(left, by, way);
          forget();
          const { turnId, threadId } = await thread.run('Go on');
          expect(threadId).to.equal(left.threadId);
          expect(thread.metadata?.sessionId).to.equal(left.sessionId);
          const turns = await collected(thread.turns({ itemsView: 'notLoaded' }));
          expect(turns.map(({ id }) => id)).to.deep.equal([...left.turnIds, turnId]);
          return warnings;
        }

        async function refuses(state: Refused): Promise<ResumeRejectedError> {
          const left = refused.get(state);
          if (left === undefined) throw new Error(`There is no thread that is ${state}.`);
          const before = offline.model.requests.length;
          const error = await failure(resume(left, by, way).then(async (thread) => thread.open()));
          expect(error).to.be.instanceOf(ResumeRejectedError);
          expect(offline.model.requests).to.have.length(before);
          return error as ResumeRejectedError;
        }

        async function reason(state: Refused): Promise<ResumeRejection> {
          return (await refuses(state)).reason;
        }

        it('continues the same thread, session and turns', async () => {
          expect(await continues('unchanged')).to.deep.equal([]);
          expect(offline.model.requests.at(-1)?.assistantTexts).to.deep.equal([
            'Answer to One',
            'Answer to Two',
          ]);
        });

        it('continues a thread that has a fork', async () => {
          expect(await continues('forkedFrom')).to.deep.equal([]);
        });

        it('continues a fork without its own turns', async () => {
          expect(await continues('fork')).to.deep.equal([]);
        });

        it('continues a thread that its owner compacted last', async () => {
          expect(await continues('compacted')).to.deep.equal([]);
        });

        it('continues a thread that its owner reverted last', async () => {
          expect(await continues('reverted')).to.deep.equal([]);
        });

        it('continues a thread whose process was killed in the middle of a turn, and warns', async () => {
          expect(await continues('killed')).to.deep.equal(['interrupted-tail']);
        });

        it('refuses a thread that another process advanced, and says by how many turns', async () => {
          const { reason: why, verdict } = await refuses('advancedElsewhere');

          expect(why).to.equal('stale');
          expect(verdict.advancedBy).to.equal(2);
        });

        it('refuses a thread that another process compacted', async () => {
          const { reason: why, verdict } = await refuses('compactedElsewhere');

          expect(why).to.equal('stale');
          expect(verdict.advancedBy).to.equal(1);
        });

        it('refuses a thread that another process reverted', async () => {
          expect(await reason('revertedElsewhere')).to.equal('diverged');
        });

        it('refuses a thread that was archived', async () => {
          expect(await reason('archivedElsewhere')).to.equal('archived');
        });

        it('refuses a thread that was deleted', async () => {
          expect(await reason('deletedElsewhere')).to.equal('unknown-thread');
        });

        it('refuses a thread that another process has loaded', async () => {
          expect(await reason('heldElsewhere')).to.equal('busy');
        });
      });

  it('continues a killed thread by the token of the previous turn', async () => {
    const first = offline.client();
    const thread = first.startThread();
    const { threadId, continuation } = await thread.run('One');
    const lost = failure(thread.run('Never answered'));
    while (thread.continuation === continuation)
      await new Promise((resolve) => setImmediate(resolve));
    process.kill(await processOf(first), 'SIGKILL');
    await lost;

    const resumed = await fresh.resumeThread(threadId, { continuation });

    expect((await resumed.run('Go on')).threadId).to.equal(threadId);
  });

  it('never mistakes a fork for its source', async () => {
    const { threadId, tokens } = continued.get(`unchanged ${validators[0] ?? ''} token`) ?? {};
    const fork = await fresh.forkThread(threadId ?? '');

    const error = await failure(
      offline.client().resumeThread(fork.threadId ?? '', { continuation: tokens?.at(-1) ?? '' }),
    );

    expect(error).to.include({ reason: 'foreign' });
  });
});

async function eachClaim(work: (key: string) => Promise<void>): Promise<void> {
  for (const by of validators) for (const way of ways) await work(`${by} ${way}`);
}

async function leave(
  codex: Codex,
  inputs: readonly string[],
  atLast: (thread: Thread) => Promise<void> = async () => Promise.resolve(),
): Promise<Left> {
  const thread = codex.startThread();
  const tokens: string[] = [];
  for (const input of inputs) tokens.push(String((await thread.run(input)).continuation));
  await atLast(thread);
  return asLeft(thread, tokens);
}

async function leaveFork(codex: Codex): Promise<Left> {
  const source = codex.startThread();
  await source.run('One');
  return asLeft(await source.fork(), []);
}

async function asLeft(thread: Thread, tokens: readonly string[]): Promise<Left> {
  const turns = await collected(thread.turns({ itemsView: 'notLoaded' }));
  return {
    threadId: thread.threadId ?? '',
    sessionId: thread.metadata?.sessionId ?? '',
    turnIds: turns.map(({ id }) => id),
    tokens: [...tokens, String(thread.continuation)],
    snapshot: JSON.stringify(thread),
  };
}
