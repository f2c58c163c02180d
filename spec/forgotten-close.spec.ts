import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { ScriptedReply } from '../lib/testing/index.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft } from './root-hooks.js';

describe('A script that never calls close()', function () {
  this.timeout(20_000);

  it('exits with code 0 and leaves no process', async () => {
    await using offline = await OfflineCodex.start();
    offline.model.reply(ScriptedReply.message('Done'));

    const program = resolve('fixtures/programs/forgets-to-close.mjs');
    const { stdout } = await promisify(execFile)(process.execPath, [
      program,
      JSON.stringify(offline.options),
    ]);

    expect(stdout.trim()).to.equal('Done');
    await noProcessLeft();
  });
});
