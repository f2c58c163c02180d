import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BundleError, ThreadBundle, type ImportOptions } from '../../lib/fleet/index.js';
import {
  ContinuationToken,
  Secret,
  ThreadBusyError,
  type Codex,
  type Thread,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { collected, failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { saidTo, TwoMachines } from './two-machines.js';

describe('ThreadBundle', () => {
  let machines: TwoMachines;
  let here: Codex;
  let there: Codex;

  before(async () => {
    machines = await TwoMachines.start();
    [here, there] = machines.clients();
  });

  after(async () => {
    await machines[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function packed(thread: Thread, codex = here): Promise<Buffer> {
    return buffer((await ThreadBundle.export(codex, thread)).stream());
  }

  async function unpacked(bytes: Buffer, options?: ImportOptions, codex = there): Promise<Thread> {
    return ThreadBundle.import(codex, Readable.from([bytes]), options);
  }

  async function move(thread: Thread): Promise<Thread> {
    return unpacked(await packed(thread));
  }

  it('moves the history, the labels and the name of a thread to another machine', async () => {
    const thread = here.startThread({ labels: { ticket: 'PAY-123' } });
    await thread.run('one');
    await thread.run('two');
    await thread.setName('Migration');

    const moved = await move(thread);
    await moved.run('three');

    expect(saidTo(machines.there.model)).to.eql(['one', 'two', 'three']);
    expect(moved.labels.get('ticket')).to.equal('PAY-123');
    expect((await moved.read()).name).to.equal('Migration');
  });

  it('moves the sandbox of a thread, so that a turn with another one does not outlive its machine', async () => {
    const thread = here.startThread({ sandboxMode: 'read-only' });
    await thread.run('one', { options: { sandboxMode: 'danger-full-access' } });

    const moved = await move(thread);
    await moved.run('two');

    const own = { ...moved.continuation?.baseline };
    expect(own).to.eql({ ...thread.continuation?.baseline });
    expect(JSON.stringify(own)).to.match(/read-?only/i);
    const { sandbox } = await there.request('thread/resume', {
      threadId: String(moved.threadId),
      excludeTurns: true,
    });
    expect(sandbox.type).to.equal('readOnly');
    const kept = (await collected(moved.attachments())).map(({ identityKey }) => identityKey);
    expect(kept).to.include('sandbox');
  });

  it('moves a reverted thread, even right after the revert', async () => {
    const thread = here.startThread();
    await thread.run('one');
    const { turnId } = await thread.run('dead');
    await thread.revert({ before: turnId });

    const moved = await move(thread);
    await moved.run('two');
    expect(saidTo(machines.there.model)).to.eql(['one', 'two']);

    await unpackedBack(moved);
    await thread.run('three');
    expect(saidTo(machines.here.model)).to.eql(['one', 'two', 'three']);
  });

  async function unpackedBack(moved: Thread): Promise<void> {
    await here.thread().existing(String(moved.threadId)).release();
    await unpacked(await packed(moved, there), {}, here);
  }

  it('moves a fork with the necessary part of its source, which may have continued', async () => {
    const source = here.startThread();
    await source.run('one');
    const { turnId } = await source.run('two');
    await source.revert({ before: turnId });
    await source.run('other two');
    const fork = await source.fork();
    await source.run('three');

    const early = await move(fork);
    await early.run('not three');
    expect(saidTo(machines.there.model)).to.eql(['one', 'other two', 'not three']);

    await fork.run('fork three');
    await early.release();
    const late = await move(fork);
    await late.run('fork four');
    expect(saidTo(machines.there.model)).to.eql(['one', 'other two', 'fork three', 'fork four']);
  });

  it('replaces an older copy, including its removed turns', async () => {
    const thread = here.startThread();
    await thread.run('one');
    const copy = await move(thread);
    await copy.run('dead');
    await copy.release();
    await thread.run('two');

    const moved = await move(thread);

    const { turns } = await moved.read({ includeTurns: true });
    expect(turns).to.have.length(2);
    await moved.run('three');
    expect(saidTo(machines.there.model)).to.eql(['one', 'two', 'three']);
  });

  it('extends a copy that has forks, and does not change one that diverged', async () => {
    const thread = here.startThread({ labels: { step: 'one' } });
    await thread.run('one');
    const copy = await move(thread);
    const fork = await copy.fork();
    await copy.release();
    await (await thread.setLabels({ step: 'two' })).run('two');

    const moved = await move(thread);
    expect(moved.labels.get('step')).to.equal('two');
    await moved.run('elsewhere');
    expect(saidTo(machines.there.model)).to.eql(['one', 'two', 'elsewhere']);
    await moved.release();
    await thread.run('three');

    expect(await failure(move(thread))).to.include({ code: 'bundle-in-the-way' });
    await fork.run('fork');
    expect(saidTo(machines.there.model)).to.eql(['one', 'fork']);
  });

  it('is refused while the thread is loaded, here or in another process', async () => {
    const thread = here.startThread();
    await thread.run('one');
    const bytes = await packed(thread);
    await unpacked(bytes);

    const [, other] = machines.clients();
    for (const codex of [there, other])
      expect(await failure(unpacked(bytes, {}, codex))).to.satisfy((error: unknown) =>
        ThreadBusyError.is(error),
      );
  });

  it('removes the files of an import whose process was killed a day ago', async () => {
    const imports = join(machines.there.home.path, 'codex-threads', 'imports');
    const left = join(imports, 'import-old');
    await mkdir(left, { recursive: true });
    const yesterday = new Date(Date.now() - 90_000_000);
    await utimes(left, yesterday, yesterday);
    const thread = here.startThread();
    await thread.run('one');

    await move(thread);
    expect(await readdir(imports)).to.eql([]);
  });

  it('cannot be made from a thread that never ran, or during a turn', async () => {
    expect(await failure(packed(here.startThread()))).to.include({ code: 'thread-never-ran' });

    const thread = here.startThread();
    const gate = new Gate();
    machines.here.model.reply(ScriptedReply.gate(gate).message('Done.'));
    const running = thread.run('held');
    await gate.reached;
    expect(await failure(packed(thread))).to.include({ code: 'thread-busy' });
    gate.open();
    await running;
  });

  describe('rejects, without changing the home,', () => {
    let thread: Thread;
    let bytes: Buffer;
    let head: string;
    let manifest: Manifest;
    let content: Buffer;

    before(async () => {
      const source = here.startThread({ labels: { ticket: 'PAY-123' } });
      await source.run('one');
      thread = await source.fork();
      await thread.run('two');
      bytes = await packed(thread);
      const plain = gunzipSync(bytes);
      const first = plain.indexOf(10);
      const second = plain.indexOf(10, first + 1);
      head = plain.subarray(0, first).toString();
      manifest = JSON.parse(plain.subarray(first + 1, second).toString()) as Manifest;
      content = plain.subarray(second + 1);
    });

    /** A bundle with these parts and a correct checksum, as an attacker could create it. */
    function forged(changes: Partial<Manifest>, body: Buffer = content): Buffer {
      const json = JSON.stringify({ ...manifest, ...changes });
      const mark = 'codex-threads-bundle 1';
      const seal = createHash('sha256').update(`${mark} ${json}`).digest('base64url');
      return gzipSync(Buffer.concat([Buffer.from(`${mark} u.${seal}\n${json}\n`), body]));
    }

    /** The same with changed files and matching digests. */
    function rewritten(change: (text: string) => string): Buffer {
      const [own, ...rest] = manifest.files;
      const text = Buffer.from(change(content.subarray(0, own?.size).toString()));
      const sha256 = createHash('sha256').update(text).digest('hex');
      const files = [{ ...own, size: text.length, sha256 }, ...rest] as Manifest['files'];
      return forged({ files }, Buffer.concat([text, content.subarray(own?.size)]));
    }

    async function refusal(bundle: Buffer, options?: ImportOptions): Promise<unknown> {
      const { path } = machines.there.home;
      await there.warmUp();
      const listing = async (): Promise<string[]> =>
        (await readdir(path, { recursive: true })).filter((name) =>
          /sessions|imports\/./.test(name),
        );
      const before = await listing();
      const error = await failure(unpacked(bundle, options));
      expect(await listing()).to.eql(before);
      expect(error).to.satisfy((error: unknown) => BundleError.is(error));
      return (error as BundleError).code;
    }

    const mostBytes = { maxBytes: 1000 };
    const elsewhere = '01a219e6-ca06-7a21-a125-aaa840cb5060';
    const cases: readonly (readonly [string, string, () => Buffer, ImportOptions?])[] = [
      ['a file that is not a bundle', 'bundle-malformed', () => gzipSync('hello\n')],
      ['an uncompressed file', 'bundle-damaged', () => Buffer.from('hello')],
      ['nothing', 'bundle-damaged', () => Buffer.alloc(0)],
      ['the first half', 'bundle-damaged', () => bytes.subarray(0, bytes.length / 2)],
      ['all but the last byte', 'bundle-damaged', () => bytes.subarray(0, -1)],
      ['a truncated file', 'bundle-damaged', () => forged({}, content.subarray(0, -9))],
      ['an additional file', 'bundle-damaged', () => forged({}, Buffer.concat([content, content]))],
      ['a bundle without files', 'bundle-malformed', () => forged({ files: [] })],
      [
        'a changed manifest',
        'bundle-damaged',
        () =>
          gzipSync(
            Buffer.concat([Buffer.from(`${head}\n${JSON.stringify(manifest)} \n`), content]),
          ),
      ],
      [
        'a changed byte',
        'bundle-damaged',
        () => forged({}, Buffer.from(content.toString().replace('two', 'six'))),
      ],
      ['another thread', 'bundle-foreign', () => bytes, { expected: { threadId: elsewhere } }],
      [
        'an older state of the thread',
        'bundle-foreign',
        () => bytes,
        { expected: { threadId: '', continuation: 'newer' } },
      ],
      [
        'the token of another thread',
        'bundle-foreign',
        () => forged({ continuation: token(elsewhere) }),
      ],
      [
        'a token of another turn',
        'bundle-foreign',
        () => forged({ continuation: token(manifest.threadId, elsewhere) }),
      ],
      ['no token', 'bundle-malformed', () => forged({ continuation: 'ct1u.x.y' })],
      [
        'another thread id',
        'bundle-foreign',
        () => forged({ threadId: elsewhere, continuation: token(elsewhere) }),
      ],
      [
        'a rollout of another thread',
        'bundle-foreign',
        () => rewritten((text) => text.replaceAll(manifest.threadId, elsewhere)),
      ],
      [
        'a rollout with another end',
        'bundle-foreign',
        () => rewritten((text) => text.replace('"task_started"', '"task_begun"')),
      ],
      ['a file that is not a rollout', 'bundle-malformed', () => rewritten(() => 'hello\n')],
      [
        'a fork without its source',
        'bundle-foreign',
        () =>
          forged(
            { files: manifest.files.slice(0, 1) },
            content.subarray(0, manifest.files[0]?.size),
          ),
      ],
      ['more bytes than permitted', 'bundle-too-large', () => bytes, mostBytes],
      [
        'a bundle of a newer codex-rs, on request',
        'bundle-from-newer-codex',
        () => forged({ codexVersion: '99.0.0' }),
        { onNewerCodex: 'refuse' },
      ],
      ...[
        '../../.bashrc',
        'sessions/../auth.json',
        '/etc/passwd',
        'config.toml',
        'auth.json',
        'sessions/2026/11/26/x.jsonl',
      ].map((path): readonly [string, string, () => Buffer] => [
        `the path ${path}`,
        'bundle-malformed',
        () => forged({ files: manifest.files.map((file) => ({ ...file, path })) }),
      ]),
    ];

    for (const [what, code, bundle, options] of cases)
      it(what, async () => {
        const { expected } = options ?? {};
        const given =
          expected?.threadId === ''
            ? { expected: { ...expected, threadId: manifest.threadId } }
            : options;
        expect(await refusal(bundle(), given)).to.equal(code);
      });

    it('an unsigned bundle, or one with another signature, if a secret is set', async () => {
      const [signing, reading] = machines.clients({
        continuationSecret: new Secret('one-secret-of-the-fleet'),
      });
      const [, other] = machines.clients({
        continuationSecret: new Secret('another-secret-of-it'),
      });
      const own = signing.startThread();
      await own.run('one');
      const signed = await packed(own, signing);

      for (const [bundle, codex] of [
        [bytes, reading],
        [signed, other],
        [signed, there],
      ] as const)
        expect(await failure(unpacked(bundle, {}, codex))).to.include({ code: 'bundle-tampered' });
      await unpacked(signed, {}, reading);
    });
  });

  it('contains no key and no login', async () => {
    const thread = here.startThread();
    await thread.run('one');
    const text = gunzipSync(await packed(thread)).toString();
    const { apiKey } = machines.here.options;

    expect(text).to.include('one').and.not.include(apiKey);
    for (const name of ['auth.json', 'config.toml', 'installation_id']) {
      const file = await readFile(join(machines.here.home.path, name), 'utf8').catch(() => '');
      const canaries = file.match(/[\w-]{20,}/g) ?? [];
      for (const canary of canaries) expect(text).not.to.include(canary);
    }
  });
});

type Manifest = Omit<ThreadBundle['manifest'], never>;

function token(threadId: string, turnId: string | null = null): string {
  return String(ContinuationToken.issue({ threadId, turnId }));
}
