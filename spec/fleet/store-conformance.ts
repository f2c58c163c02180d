import { expect } from 'chai';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CodexError } from '../../lib/index.js';
import type { NextThread, StoredThread, ThreadRecord, ThreadStore } from '../../lib/fleet/index.js';
import { collected, failure } from '../outcomes.js';

const threadId = '01a219e6-ca06-7a21-a125-aaa840cb5060';

function recordOf(text: string): ThreadRecord {
  const turn = { key: 'job', turnId: 'turn', finalResponse: text, usage: null };
  return { threadId, continuation: null, turns: [turn] };
}

function next(text: string, bytes?: Buffer): NextThread {
  const record = recordOf(text);
  return bytes === undefined ? { record } : { record, bundle: Readable.from([bytes]) };
}

async function bytesOf(stored: StoredThread | null): Promise<Buffer> {
  return typeof stored?.bundle === 'function' ? buffer(stored.bundle()) : Buffer.alloc(0);
}

async function* pieces(count: number, piece: Buffer): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index += 1) yield await Promise.resolve(piece);
}

async function* brokenOff(): AsyncGenerator<Buffer> {
  yield* pieces(10, randomBytes(2 ** 20));
  throw new Error('The upload broke off.');
}

/** The common behavior of all stores. A second instance represents another process. */
export function conformsToTheStores(make: () => { one: ThreadStore; other: ThreadStore }): void {
  let one: ThreadStore;
  let other: ThreadStore;

  before(() => {
    ({ one, other } = make());
  });

  it('has nothing under an unsaved key', async () => {
    expect(await one.load('nothing')).to.equal(null);
    await one.delete('nothing');
  });

  it('returns the saved value, to other processes too', async () => {
    const bytes = randomBytes(100_000);
    const version = await one.save('back', next('one', bytes), { ifVersion: null });

    for (const store of [one, other]) {
      const stored = await store.load('back');
      expect(stored).to.deep.include({ version, record: recordOf('one') });
      expect((await bytesOf(stored)).equals(bytes)).to.equal(true);
      expect((await bytesOf(stored)).equals(bytes)).to.equal(true);
    }
  });

  it('stores a record without a bundle, and removes a bundle that a save omits', async () => {
    const first = await one.save('alone', next('one', randomBytes(10)), { ifVersion: null });
    await one.save('alone', next('two'), { ifVersion: first });

    expect(await other.load('alone')).to.deep.include({ record: recordOf('two'), bundle: null });
  });

  it('stores any text and any bytes', async () => {
    const text = 'NUL \0, quotes " and \\, lines \n\r\u2028, \ud83d\ude00, half \ud83d';
    const bytes = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
    for (const [key, of] of [
      ['any', bytes],
      ['empty', Buffer.alloc(0)],
    ] as const) {
      await one.save(key, next(text, of), { ifVersion: null });
      const stored = await other.load(key);
      expect(stored?.record).to.eql(recordOf(text));
      expect((await bytesOf(stored)).equals(of)).to.equal(true);
    }
  });

  it('distinguishes keys with any characters', async () => {
    const keys = [
      'a/b',
      'A/B',
      'a',
      'a/',
      '../a',
      '.',
      '%2e',
      'ä',
      'a b',
      'a%20b',
      'a\\b',
      'k'.repeat(512),
      '*',
    ];
    for (const key of keys) await one.save(key, next(key), { ifVersion: null });
    for (const key of keys)
      expect((await other.load(key))?.record.turns[0]?.finalResponse).to.equal(key);
    expect(await collected(one.list())).to.include.members(keys);
  });

  it('rejects invalid keys', async () => {
    for (const key of ['', 'a\nb', 'a\0b', 'k'.repeat(513), '\ud83d', null, 1]) {
      const given = key as string;
      for (const call of [
        one.load(given),
        one.delete(given),
        one.save(given, next('x'), { ifVersion: null }),
      ])
        expect(await failure(call)).to.include({ code: 'invalid-input' });
    }
  });

  it('replaces only the version that was loaded', async () => {
    const first = await one.save('version', next('one', randomBytes(10)), { ifVersion: null });
    const second = await other.save('version', next('two'), { ifVersion: first });

    for (const ifVersion of [null, first, 'none', `${second}x`])
      expect(
        await failure(one.save('version', next('three', randomBytes(10)), { ifVersion })),
      ).to.include({
        code: 'version-conflict',
        retryable: true,
      });
    expect(await one.load('version')).to.deep.include({ version: second, record: recordOf('two') });
  });

  it('accepts one of many concurrent writers, each time', async () => {
    let version: string | null = null;
    for (let round = 0; round < 5; round += 1) {
      const ifVersion: string | null = version;
      const saves: readonly PromiseSettledResult<string>[] = await Promise.allSettled(
        Array.from({ length: 8 }, async (_, index) =>
          (index % 2 === 0 ? one : other).save(
            'race',
            next(`${round} ${index}`, randomBytes(1000)),
            {
              ifVersion,
            },
          ),
        ),
      );
      const won: readonly string[] = saves.flatMap((save) =>
        save.status === 'fulfilled' ? [save.value] : [],
      );
      const lost = saves.flatMap((save): unknown[] =>
        save.status === 'rejected' ? [save.reason] : [],
      );
      expect(won).to.have.length(1);
      for (const error of lost) expect(error).to.include({ code: 'version-conflict' });
      const stored = await one.load('race');
      expect(stored?.version).to.equal(won[0]);
      expect(await bytesOf(stored)).to.have.length(1000);
      version = won[0] ?? null;
    }
  });

  it('ignores an aborted upload, and accepts the next one', async () => {
    const first = await one.save('half', next('one', Buffer.from('one')), { ifVersion: null });
    const broken = Readable.from(brokenOff());
    const error = await failure(
      one.save('half', { record: recordOf('half'), bundle: broken }, { ifVersion: first }),
    );
    expect(error).to.include({ code: 'store-failed', retryable: true });

    const stored = await other.load('half');
    expect(stored).to.deep.include({ version: first, record: recordOf('one') });
    expect(String(await bytesOf(stored))).to.equal('one');
    await other.save('half', next('two', Buffer.from('two')), { ifVersion: first });
    expect(String(await bytesOf(await one.load('half')))).to.equal('two');
  });

  it('passes its own errors through unchanged', async () => {
    const own = new CodexError('Of our own.', { code: 'own' });
    const bundle = Readable.from(
      (async function* (): AsyncGenerator<Buffer> {
        yield await Promise.resolve(Buffer.from('x'));
        throw own;
      })(),
    );
    expect(
      await failure(one.save('own', { record: recordOf('x'), bundle }, { ifVersion: null })),
    ).to.equal(own);
    expect(await one.load('own')).to.equal(null);
  });

  it('does not replace a deleted or recreated value', async () => {
    const first = await one.save('deleted', next('one', randomBytes(10)), { ifVersion: null });
    await other.delete('deleted');

    expect(await one.load('deleted')).to.equal(null);
    expect(await collected(one.list())).not.to.include('deleted');
    const late = async (): Promise<unknown> =>
      failure(one.save('deleted', next('late', randomBytes(10)), { ifVersion: first }));
    expect(await late()).to.include({ code: 'version-conflict' });

    const again = await other.save('deleted', next('one', randomBytes(10)), { ifVersion: null });
    expect(again).not.to.equal(first);
    expect(await late()).to.include({ code: 'version-conflict' });
    expect((await one.load('deleted'))?.version).to.equal(again);
  });

  it('rejects a reader whose bundle was removed, with the advice to load it again', async () => {
    const first = await one.save('gone', next('one', randomBytes(10)), { ifVersion: null });
    const stored = await one.load('gone');
    await other.save('gone', next('two', randomBytes(10)), { ifVersion: first });

    expect(await failure(bytesOf(stored))).to.include({ code: 'version-conflict' });
  });

  it('streams 64 MiB', async function () {
    this.timeout(120_000);
    const piece = randomBytes(2 ** 20);
    await one.save(
      'long',
      { record: recordOf('long'), bundle: Readable.from(pieces(64, piece)) },
      { ifVersion: null },
    );

    const hash = createHash('sha256');
    let size = 0;
    const stored = await other.load('long');
    for await (const chunk of stored?.bundle?.() ?? []) {
      hash.update(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
    const whole = createHash('sha256');
    for (let index = 0; index < 64; index += 1) whole.update(piece);
    expect(size).to.equal(64 * 2 ** 20);
    expect(hash.digest('hex')).to.equal(whole.digest('hex'));
    await one.delete('long');
  });

  it('lists a thousand keys', async function () {
    this.timeout(120_000);
    const keys = Array.from({ length: 1000 }, (_, index) => `list/${index}`);
    for (let index = 0; index < keys.length; index += 20)
      await Promise.all(
        keys
          .slice(index, index + 20)
          .map(async (key) => one.save(key, next(key), { ifVersion: null })),
      );

    const listed = (await collected(other.list())).filter((key) => key.startsWith('list/'));
    expect(listed.sort()).to.eql(keys.sort());
  });
}
