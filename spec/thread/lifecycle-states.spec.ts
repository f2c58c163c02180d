import { expect } from 'chai';
import {
  CodexError,
  ResumeRejectedError,
  ValidationError,
  type Codex,
  type Thread,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { OfflineCodex } from '../offline-codex.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';

const methods = {
  open: async (thread) => thread.open(),
  run: async (thread) => thread.run('More'),
  read: async (thread) => thread.read(),
  'read with turns': async (thread) => thread.read({ includeTurns: true }),
  turns: async (thread) => collected(thread.turns()),
  items: async (thread) => collected(thread.items()),
  attachments: async (thread) => collected(thread.attachments()),
  setName: async (thread) => thread.setName('Name'),
  setLabels: async (thread) => thread.setLabels({ a: 'b' }),
  compact: async (thread) => thread.compact(),
  fork: async (thread) => thread.fork(),
  revert: async (thread) => thread.revert({ before: 'turn' }),
  archive: async (thread) => thread.archive(),
  delete: async (thread) => thread.delete(),
  release: async (thread) => thread.release(),
} as const satisfies Record<string, (thread: Thread) => Promise<unknown>>;

type Method = keyof typeof methods;

describe('A thread of the real codex-rs is refused, with the known details,', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let other: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Yes'));
    codex = offline.client();
    other = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function ran(ephemeral = false): Promise<Thread> {
    const thread = codex.startThread({ ephemeral });
    await thread.run('One');
    return thread;
  }

  /** The reason for each refusal; `done` without one. */
  async function outcomes(thread: Thread, names: readonly Method[]): Promise<object> {
    const told: [Method, string][] = [];
    for (const name of names)
      try {
        await methods[name](thread);
        told.push([name, 'done']);
      } catch (error) {
        if (!CodexError.is(error)) throw error;
        told.push([name, ResumeRejectedError.is(error) ? error.reason : error.code]);
      }
    return Object.fromEntries(told);
  }

  function all(names: readonly Method[], outcome: string): object {
    return Object.fromEntries(names.map((name) => [name, outcome]));
  }

  const reading = ['read', 'read with turns', 'turns', 'items', 'attachments'] as const;
  const changing = ['compact', 'fork', 'revert', 'archive', 'delete'] as const;

  it('before it is opened', async () => {
    const names = [...reading, 'setName', ...changing] as const;

    expect(await outcomes(codex.startThread(), names)).to.deep.equal(all(names, 'thread-not-open'));
  });

  it('once it is opened, until it has run', async () => {
    const thread = codex.startThread();
    await thread.open();

    expect(await outcomes(thread, [...reading, 'setLabels', ...changing])).to.deep.equal({
      ...all([...reading, 'setLabels'], 'done'),
      ...all(changing, 'thread-never-ran'),
    });
  });

  it('after it was opened and released, which does not store it', async () => {
    const thread = codex.startThread();
    await thread.open();
    await thread.release();

    const unknown = ['open', 'run'] as const;
    expect(await outcomes(thread, [...unknown, ...reading, ...changing])).to.deep.equal({
      ...all(unknown, 'unknown-thread'),
      ...all(reading, 'thread-unknown'),
      attachments: 'done',
      ...all(changing, 'thread-never-ran'),
    });
  });

  it('while it is ephemeral', async () => {
    const refused = [
      ...reading.filter((name) => name !== 'read'),
      'setName',
      'setLabels',
      ...changing.filter((name) => name !== 'compact'),
    ] as const;

    expect(await outcomes(await ran(true), ['open', 'read', ...refused])).to.deep.equal({
      ...all(['open', 'read'], 'done'),
      ...all(refused, 'thread-ephemeral'),
    });
  });

  it('if it is resumed as ephemeral, before anything is sent: it would still be recorded', async () => {
    const idle = offline.client();
    const threadId = (await ran()).threadId ?? '';

    const errors = [
      // @ts-expect-error -- the types refuse it too
      await failure(idle.resumeThread(threadId, { ephemeral: true })),
      await failure(idle.resumeThread(threadId, new Map([['ephemeral', true]]))),
      await failure(idle.thread().withOptions({ ephemeral: true }).resume(threadId)),
    ];

    for (const error of errors) {
      expect(error).to.be.instanceOf(ValidationError);
      expect((error as ValidationError).problems.map(({ path }) => path)).to.deep.equal([
        'ephemeral',
      ]);
    }
    expect(await idle.loadedThreads()).to.deep.equal([]);
    const snapshot = (await ran(true)).toJSON();
    expect(await failure(idle.restoreThread(snapshot))).to.include({ reason: 'unknown-thread' });
    expect(
      (await (await idle.resumeThread(threadId, { ephemeral: false })).read()).isEphemeral,
    ).to.equal(false);
  });

  it('while it is in the archive', async () => {
    const thread = await ran();
    await thread.archive();

    const judged = ['open', 'run', 'compact', 'revert'] as const;
    const refused = ['setName', 'fork', 'archive'] as const;
    expect(await outcomes(thread, [...judged, ...reading, ...refused, 'setLabels'])).to.deep.equal({
      ...all(judged, 'archived'),
      ...all([...reading, 'setLabels'], 'done'),
      ...all(refused, 'thread-archived'),
    });
  });

  it('once it is deleted, here or elsewhere', async () => {
    const [one, two] = await Promise.all([ran(), ran()]);
    await Promise.all([one.delete(), two.release()]);
    await other.deleteThread(two.threadId ?? '');

    const judged = ['open', 'run', 'compact', 'revert'] as const;
    const refused = ['setName', 'setLabels', 'fork', 'archive', 'delete'] as const;
    for (const thread of [one, two])
      expect(await outcomes(thread, [...judged, ...reading, ...refused])).to.deep.equal({
        ...all(judged, 'unknown-thread'),
        ...all([...reading, ...refused], 'thread-unknown'),
        attachments: 'done',
      });
  });

  it('while another process has it', async () => {
    const thread = await ran();
    await thread.release();
    await (await other.resumeThread(thread.threadId ?? '')).open();

    const judged = ['open', 'run', 'compact', 'revert'] as const;
    const free = [...reading, 'setName', 'setLabels', 'fork', 'release'] as const;
    const refused = ['archive', 'delete'] as const;
    expect(await outcomes(thread, [...judged, ...refused, ...free])).to.deep.equal({
      ...all(judged, 'busy'),
      ...all(free, 'done'),
      ...all(refused, 'thread-busy'),
    });
  });

  it('once another process has advanced it', async () => {
    const thread = await ran();
    await thread.release();
    const elsewhere = await other.resumeThread(thread.threadId ?? '');
    await elsewhere.run('Two');
    await elsewhere.release();

    const judged = ['open', 'run', 'compact', 'revert'] as const;
    const free = [...reading, 'setName', 'setLabels', 'fork', 'release'] as const;
    expect(await outcomes(thread, [...judged, ...free])).to.deep.equal({
      ...all(judged, 'stale'),
      ...all(free, 'done'),
    });
  });

  it('once its client is closed', async () => {
    const gone = offline.client();
    const thread = gone.startThread();
    await thread.run('One');
    await gone.close();

    const names = Object.keys(methods).filter((name) => name !== 'release') as Method[];
    expect(await outcomes(thread, names)).to.deep.equal(all(names, 'closed'));
    expect(await outcomes(thread, ['release'])).to.deep.equal({ release: 'done' });
  });
});
