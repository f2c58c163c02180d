import { expect } from 'chai';
import {
  Codex,
  ContinuationToken,
  ThreadMetadata,
  ThreadSnapshot,
  ValidationError,
  type Thread,
} from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { collected, failure } from './outcomes.js';
import { OfflineCodex } from './offline-codex.js';
import { recorded } from './python/fixture-folder.js';
import { noProcessLeft } from './root-hooks.js';

describe('The id of a thread', () => {
  const [threadId, turnId] = [
    '01a20000-0000-7000-8000-00000000000a',
    '01a20000-0000-7000-8000-00000000000b',
  ];

  describe('in upper case, as some stores write UUIDs,', () => {
    const [stored, storedTurn] = [threadId.toUpperCase(), turnId.toUpperCase()];

    it('is the same in a token', () => {
      const text = String(ContinuationToken.issue({ threadId: stored, turnId: storedTurn }));

      expect(ContinuationToken.decode(text)).to.include({ threadId, turnId });
    });

    it('is the same in a snapshot', () => {
      const snapshot = JSON.parse(JSON.stringify(new Codex().startThread())) as object;

      expect(ThreadSnapshot.fromJSON({ ...snapshot, threadId: stored })).to.include({ threadId });
    });

    it('is the same in metadata, whose JSON stays unchanged', () => {
      const { main } = recorded('one-turn', 'metadata.json') as { main: object };
      const json = { ...main, id: stored, forkedFromId: storedTurn };

      const metadata = ThreadMetadata.fromJSON(json);

      expect(metadata).to.include({ threadId, forkedFromId: turnId });
      expect(metadata.toJSON()).to.include({ id: stored });
    });
  });

  describe('that is not a UUID', () => {
    const wrong = 'not-a-uuid';
    const codex = new Codex();

    async function refusal(call: () => unknown): Promise<object> {
      const error = await failure(Promise.resolve().then(call));
      if (!ValidationError.is(error)) throw error;
      const { name, code, problems } = error;
      return { name, code, reasons: problems.map(({ reason }) => reason) };
    }

    const expected = {
      name: 'ValidationError',
      code: 'invalid-input',
      reasons: ['must be a UUID, got "not-a-uuid"'],
    };

    it('is refused in the same way by every method, and nothing is started', async () => {
      const snapshot = JSON.parse(JSON.stringify(codex.startThread())) as object;

      expect(await refusal(async () => codex.resumeThread(wrong))).to.deep.equal(expected);
      expect(await refusal(async () => codex.thread().resume(wrong))).to.deep.equal(expected);
      expect(
        await refusal(async () => codex.restoreThread({ ...snapshot, threadId: wrong })),
      ).to.deep.equal(expected);
      expect(await refusal(async () => codex.forkThread(wrong))).to.deep.equal(expected);
      expect(await refusal(async () => codex.archiveThread(wrong))).to.deep.equal(expected);
      expect(await refusal(async () => codex.unarchiveThread(wrong))).to.deep.equal(expected);
      expect(await refusal(async () => codex.deleteThread(wrong))).to.deep.equal(expected);
      expect(await refusal(() => codex.notifications({ threadId: wrong }))).to.deep.equal(expected);
    });
  });
});

describe('On the real codex-rs, an id in upper case', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let thread: Thread;
  let threadId: string;
  let stored: string;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    codex = offline.client();
  });

  beforeEach(async () => {
    thread = codex.startThread();
    ({ threadId } = await thread.run('Hello'));
    stored = threadId.toUpperCase();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('resumes the running conversation, by id, token, builder and snapshot', async () => {
    const { continuation } = await thread.run('Once more');
    const snapshot = JSON.parse(JSON.stringify(thread)) as object;

    const resumed = [
      await codex.resumeThread(stored),
      await codex.resumeThread(stored, { continuation }),
      await codex.thread().resume(stored),
      await codex.restoreThread({ ...snapshot, threadId: stored }),
    ];

    expect(resumed.every((each) => each.equals(thread))).to.equal(true);
    const [, byToken] = resumed;
    const turns = await Promise.all([thread.run('One'), byToken?.run('Two')]);
    expect(new Set(turns.map((turn) => turn?.turnId))).to.have.property('size', 2);
  });

  it('resumes the thread in another client', async () => {
    const continuation = String(thread.continuation);
    await thread.release();

    const elsewhere = await offline.client().resumeThread(stored, { continuation });

    expect(elsewhere.threadId).to.equal(threadId);
    expect((await elsewhere.run('And now?')).threadId).to.equal(threadId);
  });

  it('forks, archives, unarchives and deletes the thread', async () => {
    const fork = await codex.forkThread(stored);
    expect(fork.metadata).to.include({ forkedFromId: threadId });
    await fork.delete();

    await codex.archiveThread(stored);
    const listed = await collected(codex.listThreads({ archived: true }));
    expect(listed.map((metadata) => metadata.threadId)).to.include(threadId);

    expect(await codex.unarchiveThread(stored)).to.include({ threadId, isArchived: false });
    await codex.deleteThread(stored);
    expect(await failure(thread.run('Gone?'))).to.include({ reason: 'unknown-thread' });
  });

  it('of a turn is the last turn of a fork, and the target of a revert', async () => {
    const { turnId } = await thread.run('Once more');
    const at = turnId.toUpperCase();

    const fork = await thread.fork({ at });
    expect(fork.continuation).to.include({ turnId });

    await thread.revert({ before: at });
    expect(await collected(thread.turns())).to.have.length(1);
  });

  it('identifies the thread whose notifications are followed, and the one that a raw request waits for', async () => {
    const followed = codex.notifications({ methods: ['thread/name/updated'], threadId: stored });
    const first = followed.next();
    await thread.setName('Followed');
    expect((await first).value?.params).to.include({ threadId });

    const running = thread.run('First');
    const input = [{ type: 'text' as const, text: 'Second', text_elements: [] }];
    const { turn } = await codex.request('turn/start', { threadId: stored, input });

    expect(turn.id).not.to.equal((await running).turnId);
  });
});
