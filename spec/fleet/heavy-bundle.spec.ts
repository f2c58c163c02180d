import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { scaled } from '../scale.js';

describe('A bundle of a long thread', function () {
  this.timeout(300_000);
  const mebibytes = scaled(1024, 100);
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(homedir(), '.codex-threads-heavy-'));
  });

  after(async () => {
    await rm(directory, { recursive: true });
  });

  it(`is packed and unpacked in 64 MiB of memory, at any length: ${mebibytes} MiB`, async () => {
    const program = resolve('.build/spec/fleet/heavy-bundle.js');
    const { stdout } = await promisify(execFile)(process.execPath, [
      program,
      directory,
      String(mebibytes),
    ]);

    const { bytes, grownMiB } = JSON.parse(stdout) as Record<'bytes' | 'grownMiB', number>;
    expect(bytes).to.be.above(mebibytes * 1_000_000);
    expect(grownMiB).to.be.below(64);
  });
});
