import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { eventually, isAlive } from '../wire/eventually.js';
import { fixture, temporaryHome } from './real-launch.js';

// A program that ends with its input, and prints one line at the start.
const polite = fixture('process-talker');

describe('A host that ends without close()', function () {
  this.timeout(15_000);

  async function endingOf(ending: string): Promise<{ code: number | null; pid: number }> {
    using home = temporaryHome();
    const host = spawn(
      process.execPath,
      [fixture('process-host'), path.join(home.path, 'records'), polite, ending],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const exit = once(host, 'exit') as Promise<[number | null]>;
    const [said] = (await once(host.stdout, 'data')) as [Buffer];
    if (ending === 'stay') host.kill('SIGKILL');
    const [code] = await exit;
    const { pid } = JSON.parse(said.toString()) as { pid: number };
    await eventually(() => !isAlive(pid));
    return { code, pid };
  }

  it('exits with code 0 if close() is never called, and so does the child', async () => {
    expect((await endingOf('forget')).code).to.equal(0);
  });

  it('ends the child with process.exit', async () => {
    expect((await endingOf('exit')).code).to.equal(0);
  });

  it('ends the child with an uncaught error', async () => {
    expect((await endingOf('throw')).code).to.equal(1);
  });

  it('ends the child when it is killed', async () => {
    expect((await endingOf('stay')).code).to.equal(null);
  });
});
