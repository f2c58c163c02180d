import { expect } from 'chai';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import {
  descendantsOf,
  endAll,
  identify,
  isRunning,
  markedWith,
} from '../../lib/transport/process-tree.js';
import { eventually, isAlive } from '../wire/eventually.js';
import { fixture } from './real-launch.js';

describe('process tree', () => {
  let child: ChildProcess;

  async function startStubborn(): Promise<{ readonly command: number }> {
    child = spawn(process.execPath, [fixture('process-stubborn')], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, PROCESS_TREE_SPEC: 'mark me' },
    });
    const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
    return JSON.parse(chunk.toString()) as { command: number };
  }

  afterEach(async () => {
    await endAll(markedWith('PROCESS_TREE_SPEC=mark me'));
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });

  it('finds the descendants of a process, in any process group', async () => {
    const { command } = await startStubborn();

    const found = await descendantsOf(child.pid!);

    expect(found.map(({ pid }) => pid)).to.deep.equal([command]);
  });

  it('finds orphans by their inherited environment', async () => {
    const { command } = await startStubborn();

    child.kill('SIGKILL');
    await once(child, 'exit');
    const found = markedWith('PROCESS_TREE_SPEC=mark me');

    expect(found.map(({ pid }) => pid)).to.deep.equal([command]);
  });

  it('does not touch a process that only has the same id', async () => {
    const { command } = await startStubborn();
    const identity = (await identify(command))!;

    await endAll([{ ...identity, startedAt: 'another time' }]);

    expect(await isRunning(identity)).to.equal(true);
    expect(await isRunning({ ...identity, startedAt: 'another time' })).to.equal(false);
  });

  it('ends processes that are still running', async () => {
    const { command } = await startStubborn();

    await endAll([(await identify(command))!]);

    await eventually(() => !isAlive(command));
  });

  it('does not find a process that has exited', async () => {
    await startStubborn();
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(await identify(child.pid!)).to.equal(null);
  });
});

describe('process tree under the permission model of Node', () => {
  it('finds nothing if /proc cannot be read', () => {
    const permission = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const program = `
      import { descendantsOf, markedWith } from '${resolve('.build/lib/transport/process-tree.js')}';
      console.log(JSON.stringify([markedWith('PATH='), await descendantsOf(process.ppid)]));
    `;

    const printed = execFileSync(
      process.execPath,
      [permission, `--allow-fs-read=${resolve('.build')}/*`, '--input-type=module', '-e', program],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );

    expect(JSON.parse(printed)).to.deep.equal([[], []]);
  });
});
