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
  it('is a separate private directory below the home of the user', async () => {
    await using first = await TemporaryCodexHome.create();
    await using second = await TemporaryCodexHome.create();

    expect(dirname(first.path)).to.equal(homedir());
    expect(basename(first.path)).to.match(/^\.codex-threads-/);
    expect((await stat(first.path)).mode & 0o777).to.equal(0o700);
    expect(first.path).not.to.equal(second.path);
  });

  it('writes files only readable by the user, and creates missing folders', async () => {
    await using home = await TemporaryCodexHome.create();

    await home.write('rules/default.rules', 'first');
    await home.write('rules/default.rules', 'second');

    const file = join(home.path, 'rules', 'default.rules');
    expect(await readFile(file, 'utf8')).to.equal('second');
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
  });

  it('refuses to write outside itself', async () => {
    await using home = await TemporaryCodexHome.create();

    await expectRefusal(home, '../outside.txt');
    await expectRefusal(home, 'a/../../outside.txt');
    await expectRefusal(home, join(home.path, 'absolute.txt'));
    await expectRefusal(home, '.');
    await home.write('..dots.txt', 'inside');
    expect(existsSync(join(homedir(), 'outside.txt'))).to.equal(false);
  });

  it('removes everything, even if called twice', async () => {
    const home = await TemporaryCodexHome.create();
    await home.write('a/b/c.txt', 'text');

    await Promise.all([home.remove(), home.remove()]);
    await home.remove();
    await home[Symbol.asyncDispose]();

    expect(existsSync(home.path)).to.equal(false);
  });

  it('refuses to write after it was removed', async () => {
    const home = await TemporaryCodexHome.create();
    await home.remove();

    const error: unknown = await home.write('a.txt', 'late').catch((reason: unknown) => reason);

    expect(CodexError.is(error) && error.code).to.equal('temporary-home-removed');
    expect(existsSync(home.path)).to.equal(false);
  });

  it('is removed even if an exiting process still writes to it', async () => {
    const home = await TemporaryCodexHome.create();
    const writer = spawn(process.execPath, ['-e', writerProgram, home.path]);
    const exited = once(writer, 'exit');
    await once(writer.stdout, 'data');

    await home.remove();
    await exited;

    expect(existsSync(home.path)).to.equal(false);
  });
});

// Writes to one folder as fast as possible until the folder is gone or 150 ms have passed.
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
