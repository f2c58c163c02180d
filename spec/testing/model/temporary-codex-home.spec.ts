import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { CodexError, ValidationError } from '../../../lib/errors.js';
import { TemporaryCodexHome } from '../../../lib/testing/index.js';

describe('TemporaryCodexHome', () => {
  it('is a private directory of its own under the home of the user', async () => {
    await using first = await TemporaryCodexHome.create();
    await using second = await TemporaryCodexHome.create();

    expect(dirname(first.path)).to.equal(homedir());
    expect(basename(first.path)).to.match(/^\.codex-threads-/);
    expect((await stat(first.path)).mode & 0o777).to.equal(0o700);
    expect(first.path).not.to.equal(second.path);
  });

  it('writes files for the user only, and the folders they need', async () => {
    await using home = await TemporaryCodexHome.create();

    await home.write('rules/default.rules', 'first');
    await home.write('rules/default.rules', 'second');

    const file = join(home.path, 'rules', 'default.rules');
    expect(await readFile(file, 'utf8')).to.equal('second');
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
  });

  it('writes nothing outside itself', async () => {
    await using home = await TemporaryCodexHome.create();

    await expectRefusal(home, '../outside.txt');
    await expectRefusal(home, 'a/../../outside.txt');
    await expectRefusal(home, join(home.path, 'absolute.txt'));
    await expectRefusal(home, '.');
    await home.write('..dots.txt', 'inside');
    expect(existsSync(join(homedir(), 'outside.txt'))).to.equal(false);
  });

  it('removes everything, also twice', async () => {
    const home = await TemporaryCodexHome.create();
    await home.write('a/b/c.txt', 'text');

    await Promise.all([home.remove(), home.remove()]);
    await home.remove();
    await home[Symbol.asyncDispose]();

    expect(existsSync(home.path)).to.equal(false);
  });

  it('writes nothing any more once it was removed', async () => {
    const home = await TemporaryCodexHome.create();
    await home.remove();

    const error: unknown = await home.write('a.txt', 'late').catch((reason: unknown) => reason);

    expect(CodexError.is(error) && error.code).to.equal('temporary-home-removed');
    expect(existsSync(home.path)).to.equal(false);
  });

  it('is removed although a process that is ending still writes into it', async () => {
    const home = await TemporaryCodexHome.create();
    const writer = spawn(process.execPath, ['-e', writerProgram, home.path]);
    const exited = once(writer, 'exit');
    await once(writer.stdout, 'data');

    await home.remove();
    await exited;

    expect(existsSync(home.path)).to.equal(false);
  });
});

// Writes into one folder as fast as it can until the folder is gone or 150 ms are over.
const writerProgram = `
  const fs = require('node:fs');
  const folder = process.argv[1] + '/sessions';
  fs.mkdirSync(folder);
  const end = Date.now() + 150;
  for (let i = 0; Date.now() < end; i += 1) {
    try { fs.writeFileSync(folder + '/' + i, 'x'); } catch { break; }
    if (i === 50) fs.writeSync(1, 'ready');
  }
`;

async function expectRefusal(home: TemporaryCodexHome, path: string): Promise<void> {
  const error: unknown = await home.write(path, 'text').catch((reason: unknown) => reason);
  expect(error).to.be.instanceOf(ValidationError);
}
