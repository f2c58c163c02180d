import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DirectoryThreadStore } from '../../lib/fleet/index.js';
import { collected, failure } from '../outcomes.js';
import { conformsToTheStores } from './store-conformance.js';

describe('DirectoryThreadStore', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(homedir(), '.codex-threads-store-'));
  });

  after(async () => {
    await rm(directory, { recursive: true });
  });

  conformsToTheStores(() => ({
    one: new DirectoryThreadStore({ directory: join(directory, 'made', 'when needed') }),
    other: new DirectoryThreadStore({ directory: join(directory, 'made', 'when needed') }),
  }));

  it('loses no save of concurrent processes', async function () {
    this.timeout(60_000);
    const shared = join(directory, 'shared');
    const program = resolve('.build/spec/fleet/counting-worker.js');
    const count = async (): Promise<unknown> =>
      promisify(execFile)(process.execPath, [program, shared, '25']);
    await Promise.all([count(), count(), count()]);

    const stored = await new DirectoryThreadStore({ directory: shared }).load('count');
    expect(stored?.record.continuation).to.equal('75');
  });

  it('ignores files of other programs, and reports a folder without a saved state', async () => {
    const own = join(directory, 'strange');
    const store = new DirectoryThreadStore({ directory: own });
    const record = {
      threadId: '01a219e6-ca06-7a21-a125-aaa840cb5060',
      continuation: null,
      turns: [],
    };
    await store.save('key', { record }, { ifVersion: null });
    const [folder = ''] = await readdir(own);
    await writeFile(join(own, '.DS_Store'), '');
    await writeFile(join(own, folder, '.DS_Store'), '');
    expect((await store.load('key'))?.record).to.eql(record);
    expect(await collected(store.list())).to.eql(['key']);

    for (const name of await readdir(join(own, folder)))
      if (name !== '.DS_Store') await rm(join(own, folder, name));
    expect(await failure(store.load('key'))).to.include({ code: 'store-failed' });
  });

  describe('after a process dies', () => {
    const threadId = '01a219e6-ca06-7a21-a125-aaa840cb5060';
    let store: DirectoryThreadStore;
    let folder: string;
    let version: string;

    beforeEach(async () => {
      const own = join(directory, `after-${Math.random()}`);
      store = new DirectoryThreadStore({ directory: own });
      const record = { threadId, continuation: 'before', turns: [] };
      version = await store.save('key', { record }, { ifVersion: null });
      folder = join(own, (await readdir(own))[0] ?? '');
    });

    /** The files of a save before it is committed. */
    async function draft(id: string): Promise<string> {
      const before = await readFile(join(folder, `state-${version}`), 'utf8');
      const file = join(folder, `draft-${id}`);
      await writeFile(file, before.replace('before', 'after').replace(version, id));
      return file;
    }

    it('completes a save that was committed', async () => {
      await draft('next');
      await rename(join(folder, `state-${version}`), join(folder, `claim-${version}_next`));

      const stored = await store.load('key');
      expect(stored?.record.continuation).to.equal('after');
      await store.save(
        'key',
        { record: { threadId, continuation: 'later', turns: [] } },
        { ifVersion: 'next' },
      );
      expect((await store.load('key'))?.record.continuation).to.equal('later');
    });

    it('ignores a save that was not committed, and removes its files a day later', async () => {
      const file = await draft('next');
      const { record } = (await store.load('key')) ?? {};
      expect(record?.continuation).to.equal('before');
      const yesterday = new Date(Date.now() - 90_000_000);
      await utimes(file, yesterday, yesterday);

      const later = { threadId, continuation: 'later', turns: [] };
      const newest = await store.save('key', { record: later }, { ifVersion: version });
      expect(await readdir(folder)).to.eql([`state-${newest}`]);
    });
  });
});
