import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ThreadStateError, type Codex, type Thread } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const patch = (...lines: readonly string[]): ScriptedReply =>
  ScriptedReply.patch(['*** Begin Patch', ...lines, '*** End Patch'].join('\n'));

describe('The files that turns changed', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let root: string;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
    offline.model.otherwise(ScriptedReply.message('Done'));
  });

  beforeEach(async () => {
    root = await mkdtemp(join(offline.home.path, 'repository-'));
    execFileSync('git', ['init', '-q'], { cwd: root });
    await mkdir(join(root, 'sub'));
    await write({
      'sub/kept.txt': 'one\ntwo\nthree\n',
      'old.txt': 'move\nme',
      'gone.sh': 'run\r\n',
    });
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  }

  async function read(...names: readonly string[]): Promise<readonly (string | null)[]> {
    return Promise.all(
      names.map(async (name) => readFile(join(root, name), 'utf8').catch(() => null)),
    );
  }

  const start = (workingDirectory = root): Thread =>
    codex.startThread({
      model: 'gpt-5.5',
      sandboxMode: 'danger-full-access',
      workingDirectory,
    });

  async function turnOf(thread: Thread, ...replies: readonly ScriptedReply[]): Promise<string> {
    offline.model.reply(...replies, ScriptedReply.message('Done'));
    return (await thread.run('Go')).turnId;
  }

  it('are listed with their diff, and restored over several turns from a sub-directory', async () => {
    execFileSync('git', ['add', '-A'], { cwd: root });
    const thread = start(join(root, 'sub'));
    const first = await turnOf(
      thread,
      patch(
        '*** Update File: kept.txt',
        '@@',
        ' one',
        '-two',
        '+TWO',
        ' three',
        '*** Add File: a new "file" ü.txt',
        '+hello',
        '*** Add File: empty.txt',
        '*** Update File: ../old.txt',
        '*** Move to: ../moved/new.txt',
        '@@',
        ' move',
        '-me',
        '+you',
        '*** Delete File: ../gone.sh',
      ),
    );
    const second = await turnOf(
      thread,
      patch('*** Update File: kept.txt', '@@', '-one', '+ONE'),
      patch(
        '*** Delete File: a new "file" ü.txt',
        '*** Update File: kept.txt',
        '@@',
        ' three',
        '+four',
      ),
    );

    const { diff, files } = await thread.changes({ turnId: first });
    const { files: later } = await thread.changes({ turnId: second });
    const token = await thread.revert({ before: first, files: 'restore' });

    expect(diff).to.contain('+TWO');
    expect([...files].sort((a, b) => a.path.localeCompare(b.path))).to.deep.equal([
      { path: 'gone.sh', status: 'deleted', from: null },
      { path: 'moved/new.txt', status: 'renamed', from: 'old.txt' },
      { path: 'sub/a new "file" ü.txt', status: 'added', from: null },
      { path: 'sub/empty.txt', status: 'added', from: null },
      { path: 'sub/kept.txt', status: 'modified', from: null },
    ]);
    expect(later).to.have.length(2);
    expect(await read('sub/kept.txt', 'old.txt', 'gone.sh')).to.deep.equal([
      'one\ntwo\nthree\n',
      'move\nme',
      'run\r\n',
    ]);
    expect(await read('sub/a new "file" ü.txt', 'sub/empty.txt', 'moved/new.txt')).to.deep.equal([
      null,
      null,
      null,
    ]);
    expect(execFileSync('git', ['diff', '--stat'], { cwd: root, encoding: 'utf8' })).to.equal('');
    expect(token.turnId).to.equal(null);
  });

  it('keep their CRLF line ends in a patch and when they are restored', async () => {
    await write({ 'windows.txt': 'one\r\ntwo\r\n' });
    const thread = start();
    const turnId = await turnOf(
      thread,
      patch('*** Update File: windows.txt', '@@', '-two', '+TWO', '+three'),
    );

    const [patched] = await read('windows.txt');
    await thread.revert({ before: turnId, files: 'restore' });

    expect(patched).to.equal('one\r\nTWO\r\nthree\r\n');
    expect(await read('windows.txt')).to.deep.equal(['one\r\ntwo\r\n']);
  });

  it('are not restored if one of them has changed since, and the error lists them', async () => {
    const thread = start();
    const first = await turnOf(
      thread,
      patch('*** Update File: sub/kept.txt', '@@', '-one', '+ONE', '*** Add File: new.txt', '+n'),
    );
    await turnOf(thread, ScriptedReply.shellCommand('echo more >> new.txt; echo x > by-shell.txt'));
    await appendFile(join(root, 'old.txt'), 'not touched by the turns');

    const error = await failure(thread.revert({ before: first, files: 'restore' }));

    expect(error).to.be.instanceOf(ThreadStateError);
    expect(error).to.deep.include({ code: 'files-changed', files: [join(root, 'new.txt')] });
    expect(await read('sub/kept.txt', 'new.txt')).to.deep.equal(['ONE\ntwo\nthree\n', 'n\nmore\n']);
    expect((await thread.read({ includeTurns: true })).turns).to.have.length(2);
  });

  it('are not restored if a deleted one exists again, or a link replaced it', async () => {
    const thread = start();
    const turnId = await turnOf(
      thread,
      patch('*** Delete File: old.txt', '*** Update File: sub/kept.txt', '@@', '-one', '+ONE'),
    );
    await write({ 'old.txt': 'Mine', 'elsewhere.txt': 'ONE\ntwo\nthree\n' });
    await rm(join(root, 'sub/kept.txt'));
    await symlink(join(root, 'elsewhere.txt'), join(root, 'sub/kept.txt'));

    const error = await failure(thread.revert({ before: turnId, files: 'restore' }));

    expect(error).to.deep.include({ files: [join(root, 'old.txt'), join(root, 'sub/kept.txt')] });
    expect(await read('old.txt', 'elsewhere.txt')).to.deep.equal(['Mine', 'ONE\ntwo\nthree\n']);
  });

  it('are not restored if codex-rs has no diff of a patch', async () => {
    await symlink('old.txt', join(root, 'link.txt'));
    const thread = start();
    const turnId = await turnOf(
      thread,
      patch('*** Update File: sub/kept.txt', '@@', '-one', '+ONE'),
      patch('*** Update File: link.txt', '@@', '-move', '+moved'),
    );

    const error = await failure(thread.revert({ before: turnId, files: 'restore' }));

    expect((await thread.changes({ turnId })).files).to.deep.equal([]);
    expect((error as ThreadStateError).files).to.include(join(root, 'link.txt'));
  });

  it('are restored only in a git repository, on this machine, and for turns that this client followed', async () => {
    const bare = await mkdtemp(join(offline.home.path, 'no-repository-'));
    const outside = start(bare);
    const turnId = await turnOf(outside, patch('*** Add File: new.txt', '+n'));
    const restore = { before: turnId, files: 'restore' } as const;

    const noGit = await failure(outside.revert(restore));
    const { files } = await outside.changes({ turnId });
    await outside.release();
    await using other = offline.client();
    const again = await other.resumeThread(outside.threadId ?? '');
    const unseen = [await failure(again.changes({ turnId })), await failure(again.revert(restore))];

    expect(noGit).to.include({ code: 'files-not-in-git' });
    expect(files).to.deep.equal([{ path: 'new.txt', status: 'added', from: null }]);
    expect(unseen.map((error) => (error as ThreadStateError).code)).to.deep.equal([
      'turn-changes-unknown',
      'turn-changes-unknown',
    ]);
    expect(await readFile(join(bare, 'new.txt'), 'utf8')).to.equal('n\n');
    expect(await failure(outside.revert({ before: turnId, files: 'all' as 'keep' }))).to.include({
      code: 'invalid-input',
    });
  });

  it('are not changed if one of them cannot be written', async () => {
    const thread = start();
    const turnId = await turnOf(
      thread,
      patch('*** Update File: old.txt', '@@', '-move', '+moved', '*** Delete File: sub/kept.txt'),
    );
    await rm(join(root, 'sub'), { recursive: true });
    await write({ sub: 'a file in place of the directory' });

    const error = await failure(thread.revert({ before: turnId, files: 'restore' }));

    expect(error).to.include({ code: 'files-not-restored' });
    expect(await read('old.txt', 'sub')).to.deep.equal([
      'moved\nme\n',
      'a file in place of the directory',
    ]);
    expect((await thread.read({ includeTurns: true })).turns).to.have.length(1);
  });

  it('on a remote server are not changed', async () => {
    const transport = offline.transport({}, 'websocket');
    await using elsewhere = offline.client({ transport });
    const thread = elsewhere.startThread({ model: 'gpt-5.5' });
    const { turnId } = await thread.run('Go');

    const error = await failure(thread.revert({ before: turnId, files: 'restore' }));

    expect(error).to.include({ code: 'files-elsewhere' });
  });
});
