import { expect } from 'chai';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { ResumeRejectedError, type Codex, type ContinuationToken } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { firstRolloutOf } from '../rollouts.js';
import { noProcessLeft } from '../root-hooks.js';

interface Line {
  readonly timestamp: string;
  readonly payload: { readonly id: string };
}

type Damage = (rollout: string) => void;

const damages = {
  'was emptied': (rollout) => {
    writeFileSync(rollout, '');
  },
  'was removed': (rollout) => {
    rmSync(rollout);
  },
  'has lost its head': (rollout) => {
    writeFileSync(rollout, linesOf(rollout).slice(1).join('\n'));
  },
  'holds zeros after a power cut': (rollout) => {
    writeFileSync(rollout, '\0'.repeat(4096));
  },
  'begins with a bare head, as in 2025': (rollout) => {
    const [head = '', ...rest] = linesOf(rollout);
    const { timestamp, payload } = JSON.parse(head) as Line;
    const bare = JSON.stringify({ id: payload.id, timestamp, instructions: null });
    writeFileSync(rollout, [bare, ...rest].join('\n'));
  },
  'has numeric timestamps, as in 2025': (rollout) => {
    const numeric = linesOf(rollout).map((line) => {
      const record = JSON.parse(line) as Line;
      return JSON.stringify({ ...record, timestamp: Date.parse(record.timestamp) });
    });
    writeFileSync(rollout, numeric.join('\n'));
  },
} satisfies Record<string, Damage>;

function linesOf(rollout: string): readonly string[] {
  return readFileSync(rollout, 'utf8').trim().split('\n');
}

describe('A resume of a thread whose rollout', function () {
  this.timeout(30_000);
  const left = new Map<string, { threadId: string; continuation: ContinuationToken }>();
  let offline: OfflineCodex;
  let fresh: Codex;
  let reverted: { threadId: string; continuation: ContinuationToken | null };

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    const codex = offline.client();
    for (const what of Object.keys(damages)) left.set(what, await codex.startThread().run('One'));
    const thread = codex.startThread();
    await thread.run('One');
    await thread.run('Two');
    const [last] = await collected(thread.turns({ order: 'newestFirst' }));
    await thread.revert({ before: last?.id ?? '' });
    reverted = { threadId: thread.threadId ?? '', continuation: thread.continuation };
    await codex.close();
    for (const [what, damage] of Object.entries(damages))
      damage(firstRolloutOf(offline.home.path, left.get(what)?.threadId ?? ''));
    rmSync(firstRolloutOf(offline.home.path, reverted.threadId));
    fresh = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function reasons(
    threadId: string,
    continuation: ContinuationToken | null,
  ): Promise<unknown> {
    const errors = [
      await failure(fresh.resumeThread(threadId)),
      await failure(fresh.resumeThread(threadId, continuation === null ? {} : { continuation })),
    ];
    return errors.map((error) => ResumeRejectedError.is(error) && error.reason);
  }

  for (const what of Object.keys(damages))
    it(`${what} is refused as unreadable, by id and by token`, async () => {
      const { threadId, continuation } = left.get(what) ?? { threadId: '', continuation: null };

      expect(await reasons(threadId, continuation)).to.deep.equal([
        'unreadable-history',
        'unreadable-history',
      ]);
    });

  it('continues another file that is missing is refused as unreadable', async () => {
    const { threadId, continuation } = reverted;

    expect(await reasons(threadId, continuation)).to.deep.equal([
      'unreadable-history',
      'unreadable-history',
    ]);
  });
});
