import { AppServerSession } from '../../lib/wire/app-server-session.js';
import { CodexOptions, CodexRsResumeValidator } from '../../lib/index.js';
import { PythonFixtureResumeValidator } from '../../lib/parity/index.js';
import { launchPlan } from '../../lib/launch.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { recorded } from '../python/fixture-folder.js';
import { threadOf, turnOf } from '../python/resume-fixtures.js';
import { noProcessLeft } from '../root-hooks.js';
import {
  itBehavesLikeAResumeValidator,
  type ClaimedThread,
  type JudgedThreads,
} from './behaves-like-a-resume-validator.js';

const unknownId = '01a20000-0000-7000-8000-000000000000';

describe('PythonFixtureResumeValidator, like every resume validator,', function () {
  this.timeout(15_000);

  itBehavesLikeAResumeValidator(() => ({
    validator: new PythonFixtureResumeValidator(),
    request: async () => Promise.reject(new Error('The fixtures are asked, not codex-rs.')),
    unchanged: lastTurnOf('two-turns'),
    withoutToken: { threadId: threadOf('two-turns'), turnId: null },
    advancedTwice: claimed('resume-advanced', 'left'),
    cutOff: claimed('resume-cut-off', 'left'),
    reverted: claimed('resume-reverted', 'gone'),
    archived: { threadId: threadOf('resume-archived'), turnId: null },
    neverRan: { threadId: threadOf('resume-never-ran'), turnId: null },
    unknown: { threadId: unknownId, turnId: null },
  }));
});

describe('CodexRsResumeValidator, like every resume validator,', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let asked: AppServerSession;
  let threads: JudgedThreads;

  before(async () => {
    offline = await OfflineCodex.start();
    const cutOff = await cutOffThread(offline);
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const [unchanged, advancedTwice, reverted, archived] = await grownThreads(offline);
    asked = await session(offline);
    await asked.request('thread/resume', { threadId: reverted!.threadId, excludeTurns: true });
    await asked.request('thread/revert', {
      threadId: reverted!.threadId,
      beforeTurnId: reverted!.turnId!,
    });
    await asked.request('thread/archive', { threadId: archived!.threadId });
    const { thread } = await asked.request('thread/start', {});
    threads = {
      validator: new CodexRsResumeValidator(),
      request: async (method, params) => asked.request(method, params),
      unchanged: unchanged!,
      withoutToken: { ...unchanged!, turnId: null },
      advancedTwice: advancedTwice!,
      cutOff,
      reverted: reverted!,
      archived: archived!,
      neverRan: { threadId: thread.id, turnId: null },
      unknown: { threadId: unknownId, turnId: null },
    };
  });

  after(async () => {
    await asked.close();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  itBehavesLikeAResumeValidator(() => threads);
});

function claimed(scenario: string, turn: string): ClaimedThread {
  return { threadId: threadOf(scenario), turnId: turnOf(scenario, turn) };
}

function lastTurnOf(scenario: string): ClaimedThread {
  const { main } = recorded(scenario, 'metadata.json') as {
    main: { id: string; turns: { id: string }[] };
  };
  return { threadId: main.id, turnId: main.turns.at(-1)!.id };
}

async function session(offline: OfflineCodex): Promise<AppServerSession> {
  return AppServerSession.open(launchPlan(CodexOptions.from(offline.options), {}).plan);
}

/** Four threads: the first is unchanged, the second got two more turns. */
async function grownThreads(offline: OfflineCodex): Promise<ClaimedThread[]> {
  const codex = offline.client();
  const threads = Array.from({ length: 4 }, () => codex.startThread());
  const left: ClaimedThread[] = [];
  for (const thread of threads) {
    await thread.run('One');
    left.push(await thread.run('Two'));
  }
  await threads[1]?.run('Three');
  await threads[1]?.run('Four');
  await codex.close();
  return left;
}

/** A thread whose process was killed during its second turn. */
async function cutOffThread(offline: OfflineCodex): Promise<ClaimedThread> {
  const gate = new Gate();
  offline.model.reply(ScriptedReply.message('One'), ScriptedReply.deltas('Tw').gate(gate));
  const codex = offline.client();
  const left = await codex.startThread().run('One');
  await codex.close();
  const doomed = await session(offline);
  const { threadId } = left;
  await doomed.request('thread/resume', { threadId, excludeTurns: true });
  await doomed.request('turn/start', { threadId, input: [{ type: 'text', text: 'Two' }] } as never);
  await gate.reached;
  process.kill(doomed.processId!, 'SIGKILL');
  await doomed.close();
  gate.open();
  return left;
}
