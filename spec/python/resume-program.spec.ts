import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { RequestError } from '../../lib/index.js';
import { refusal } from '../../lib/resume/refusal.js';
import { noProcessLeft } from '../root-hooks.js';
import { fixtures, recorded } from './fixture-folder.js';
import { ChangedFixtures, threadOf, turnOf } from './resume-fixtures.js';

interface Answer {
  readonly code: number | null;
  readonly verdict: Readonly<Record<string, unknown>>;
}

async function answerTo(input: string): Promise<Answer> {
  const program = join(fixtures, 'resume_program.py');
  const child = spawn('python3', ['-I', program], { timeout: 10_000, killSignal: 'SIGKILL' });
  child.stdin.end(input);
  const [said, ended] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code: ended[0] as number | null, verdict: JSON.parse(said) as Answer['verdict'] };
}

async function verdictOn(claim: object): Promise<Answer['verdict']> {
  return (await answerTo(JSON.stringify(claim))).verdict;
}

function metadataOf(scenario: string): unknown {
  return (recorded(scenario, 'metadata.json') as { main: unknown }).main;
}

describe('resume_program.py', function () {
  this.timeout(15_000);

  after(async () => {
    await noProcessLeft();
  });

  describe('on a claim with a token', () => {
    it('accepts a thread at the position of the claim, with its metadata as recorded', async () => {
      const threadId = threadOf('resume-advanced');
      const { turns } = metadataOf('resume-advanced') as { turns: { id: string }[] };

      expect(await verdictOn({ threadId, turnId: turns.at(-1)!.id })).to.deep.equal({
        accepted: true,
        metadata: metadataOf('resume-advanced'),
        warnings: [],
      });
    });

    it('refuses a thread that has advanced since, with the number of turns', async () => {
      const threadId = threadOf('resume-advanced');
      const turnId = turnOf('resume-advanced', 'left');

      expect(await verdictOn({ threadId, turnId })).to.deep.include({
        accepted: false,
        reason: 'stale',
        advancedBy: 2,
      });
    });

    it('refuses a thread whose last turn was reverted', async () => {
      const threadId = threadOf('resume-reverted');
      const turnId = turnOf('resume-reverted', 'gone');

      expect(await verdictOn({ threadId, turnId })).to.deep.include({
        reason: 'diverged',
        evidence: {
          fixture: 'resume-reverted',
          expectedTurnId: turnId,
          lastTurnId: turnOf('resume-reverted', 'kept'),
        },
      });
    });

    it('accepts a thread that was left at the turn before the reverted one', async () => {
      const threadId = threadOf('resume-reverted');

      expect(
        await verdictOn({ threadId, turnId: turnOf('resume-reverted', 'kept') }),
      ).to.deep.include({ accepted: true, warnings: [] });
    });

    it('accepts one newer turn that a crash cut off, with a warning', async () => {
      const threadId = threadOf('resume-cut-off');

      expect(
        await verdictOn({ threadId, turnId: turnOf('resume-cut-off', 'left') }),
      ).to.deep.include({ accepted: true, warnings: ['interrupted-tail'] });
    });

    it('refuses a token without a turn if the thread has turns', async () => {
      const threadId = threadOf('one-turn');

      expect(await verdictOn({ threadId, turnId: null, hasToken: true })).to.include({
        reason: 'diverged',
      });
    });
  });

  describe('on a claim without a token', () => {
    it('accepts the current state of the thread, with a warning', async () => {
      const threadId = threadOf('resume-advanced');

      expect(await verdictOn({ threadId, turnId: null })).to.deep.include({
        accepted: true,
        warnings: ['no-token'],
      });
    });

    it('refuses the id of no thread', async () => {
      expect(await verdictOn({ threadId: threadOf('resume-unknown-id') })).to.include({
        reason: 'unknown-thread',
      });
    });

    it('refuses an id that no fixture contains', async () => {
      const threadId = '01a20000-0000-7000-8000-00000000ffff';

      expect(await verdictOn({ threadId })).to.include({ reason: 'unknown-thread' });
    });

    it('refuses an invalid id', async () => {
      expect(await verdictOn({ threadId: 'not-a-uuid' })).to.include({ reason: 'malformed-id' });
    });

    it('refuses a thread that never ran, stored or not', async () => {
      expect(await verdictOn({ threadId: threadOf('resume-never-ran') })).to.include({
        reason: 'never-ran',
      });
      expect(await verdictOn({ threadId: threadOf('resume-never-ran-but-read') })).to.include({
        reason: 'never-ran',
      });
    });

    it('refuses an archived thread', async () => {
      expect(await verdictOn({ threadId: threadOf('resume-archived') })).to.include({
        reason: 'archived',
      });
    });

    it('accepts a thread that was restored from the archive', async () => {
      expect(await verdictOn({ threadId: threadOf('archive-and-unarchive') })).to.include({
        accepted: true,
      });
    });

    it('refuses a thread that another process has loaded', async () => {
      expect(await verdictOn({ threadId: threadOf('resume-busy') })).to.include({ reason: 'busy' });
    });
  });

  describe('if one fixture changes', () => {
    it('reports the thread as archived after its path changes', async () => {
      await using changed = await ChangedFixtures.of('one-turn');
      await changed.change((thread) => {
        thread.path = '/home/user/.codex/archived_sessions/rollout.jsonl';
      });

      expect(
        await verdictOn({ threadId: threadOf('one-turn'), fixtures: changed.folder }),
      ).to.include({ reason: 'archived' });
    });

    it('reports the thread as stale after one more turn', async () => {
      await using changed = await ChangedFixtures.of('one-turn');
      let turnId = '';
      await changed.change(({ turns }) => {
        turnId = turns[0]!.id;
        turns.push({ ...turns[0]!, id: '01a20000-0000-7000-8000-00000000ffff' });
      });

      expect(
        await verdictOn({ threadId: threadOf('one-turn'), turnId, fixtures: changed.folder }),
      ).to.include({ reason: 'stale', advancedBy: 1 });
    });

    it('accepts the interrupted turn with an end record too, and refuses two of them', async () => {
      await using changed = await ChangedFixtures.of('resume-cut-off');
      const claim = {
        threadId: threadOf('resume-cut-off'),
        turnId: turnOf('resume-cut-off', 'left'),
        fixtures: changed.folder,
      };
      await changed.change(({ turns }) => {
        turns.at(-1)!.completedAt = 1_700_000_000;
      });
      expect(await verdictOn(claim)).to.deep.include({ warnings: ['interrupted-tail'] });

      await changed.change(({ turns }) => {
        turns.push({ ...turns.at(-1)!, id: '01a20000-0000-7000-8000-00000000ffff' });
      });

      expect(await verdictOn(claim)).to.include({ reason: 'stale', advancedBy: 2 });
    });

    it('counts the added turns', async () => {
      await using changed = await ChangedFixtures.of('one-turn');
      let turnId = '';
      await changed.change(({ turns }) => {
        const [first] = turns;
        turnId = first!.id;
        turns.push(...Array.from({ length: 150 }, (_, index) => ({ ...first!, id: `${index}` })));
      });

      expect(
        await verdictOn({ threadId: threadOf('one-turn'), turnId, fixtures: changed.folder }),
      ).to.include({ reason: 'stale', advancedBy: 150 });
    });

    it('accepts only a token without a turn once the thread has no turns', async () => {
      await using changed = await ChangedFixtures.of('two-turns');
      const claim = { threadId: threadOf('two-turns'), fixtures: changed.folder };
      const { turns } = metadataOf('two-turns') as { turns: { id: string }[] };
      await changed.change((thread) => {
        thread.turns = [];
      });

      expect(await verdictOn({ ...claim, turnId: null, hasToken: true })).to.deep.include({
        accepted: true,
        warnings: [],
      });
      expect(await verdictOn({ ...claim, turnId: turns[0]!.id })).to.include({
        reason: 'diverged',
      });
    });

    it('reports that the thread never ran once it has no turns', async () => {
      await using changed = await ChangedFixtures.of('one-turn');
      await changed.change((thread) => {
        thread.turns = [];
      });

      expect(
        await verdictOn({ threadId: threadOf('one-turn'), fixtures: changed.folder }),
      ).to.include({ reason: 'never-ran' });
    });

    it('exits with code 3, without a verdict, if the fixture cannot be read', async () => {
      await using changed = await ChangedFixtures.of('one-turn');
      await changed.overwrite('{');

      const claim = { threadId: threadOf('one-turn'), fixtures: changed.folder };
      const { code, verdict } = await answerTo(JSON.stringify(claim));

      expect(code).to.equal(3);
      expect(verdict.error).to.contain('one-turn/metadata.json');
    });
  });

  it('interprets the messages of codex-rs as the library does', async () => {
    const words = [
      'invalid thread id: x',
      'invalid session id: x',
      'thread x is not materialized yet; thread/turns/list is unavailable',
      'list_turns is not supported yet',
      'failed to read thread: rollout at /x.jsonl is empty',
      'invalid paginated history lineage for x: missing source rollout',
      'thread not loaded: x',
      'no rollout found for thread id x',
      'thread not found: x',
      'session x is archived. Run unarchive first.',
      'thread x already has an active writer',
      'thread x is closing; retry',
      'failed to load configuration: Model provider `x` not found',
      'the moon is in the wrong place',
    ];
    const source = `
import json, sys
sys.path.insert(0, sys.argv[1])
from resume_program import reason_in
print(json.dumps([reason_in(words) for words in json.load(sys.stdin)]))
`;
    const child = spawn('python3', ['-I', '-B', '-c', source, fixtures]);
    child.stdin.end(JSON.stringify(words));

    const said = await text(child.stdout);

    const ours = words.map(
      (serverMessage) =>
        refusal(new RequestError({ method: 'thread/resume', rpcCode: -32600, serverMessage }))
          .reason,
    );
    expect(JSON.parse(said)).to.deep.equal(ours);
    expect(new Set(ours).size).to.equal(8);
  });

  describe('on an invalid claim', () => {
    (
      [
        ['nothing', '', 'not JSON'],
        ['broken JSON', '{', 'not JSON'],
        ['a list', '[]', 'must be an object'],
        ['no thread id', '{}', 'threadId must be a string'],
        ['a turn id of the wrong type', '{"threadId":"x","turnId":7}', 'turnId must be a string'],
        ['an unknown key', '{"threadId":"x","turnid":"y"}', 'unknown keys: turnid'],
      ] as const
    ).forEach(([what, input, words]) => {
      it(`answers ${what} with exit code 2 and the reason`, async () => {
        const { code, verdict } = await answerTo(input);

        expect(code).to.equal(2);
        expect(verdict.error).to.contain(words);
      });
    });
  });
});
