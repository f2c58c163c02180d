import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { thisHost } from '../../lib/transport/host-process.js';
import { StartGate } from '../../lib/transport/start-gate.js';
import { temporaryHome } from './real-launch.js';

describe('StartGate', () => {
  let home: ReturnType<typeof temporaryHome>;
  let lock: string;

  beforeEach(() => {
    home = temporaryHome();
    lock = path.join(home.path, 'codex-threads-start.lock');
  });

  afterEach(() => {
    home[Symbol.dispose]();
  });

  function deadPid(): number {
    return spawnSync(process.execPath, ['-e', '']).pid;
  }

  it('admits one at a time', async () => {
    let inside = 0;
    let most = 0;

    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const leave = await new StartGate(home.path).enter(4000);
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
        await leave();
      }),
    );

    expect(most).to.equal(1);
    expect(existsSync(lock)).to.equal(false);
  });

  it('proceeds after the timeout, and leaves the lock to its owner', async () => {
    const leave = await new StartGate(home.path).enter(0);

    const leaveToo = await new StartGate(home.path).enter(1);
    await leaveToo();

    expect(existsSync(lock)).to.equal(true);
    await leave();
  });

  it('takes over from a dead owner', async () => {
    const host = { ...(await thisHost()), pid: deadPid() };
    writeFileSync(lock, JSON.stringify({ host, ticket: 'old' }));

    const leave = await new StartGate(home.path).enter(4000);

    expect(readFileSync(lock, 'utf8')).to.contain(`"pid":${process.pid}`);
    await leave();
  });

  it('takes over from an owner from before a reboot', async () => {
    const host = { ...(await thisHost()), boot: 'an earlier one' };
    writeFileSync(lock, JSON.stringify({ host, ticket: 'old' }));

    const leave = await new StartGate(home.path).enter(4000);

    expect(readFileSync(lock, 'utf8')).not.to.contain('old');
    await leave();
  });

  it('takes over a lock that is older than any start, regardless of its owner', async () => {
    writeFileSync(lock, 'of another machine');
    utimesSync(lock, new Date(0), new Date(0));

    const leave = await new StartGate(home.path).enter(4000);

    expect(readFileSync(lock, 'utf8')).not.to.contain('another machine');
    await leave();
  });

  it('respects the lock of another machine that shares the home', async () => {
    const host = { ...(await thisHost()), machine: 'elsewhere', pid: 1 };
    writeFileSync(lock, JSON.stringify({ host, ticket: 'theirs' }));

    await (
      await new StartGate(home.path).enter(50)
    )();

    expect(readFileSync(lock, 'utf8')).to.contain('theirs');
  });

  it('proceeds immediately if the home is not writable', async () => {
    const leave = await new StartGate(path.join(home.path, 'nowhere')).enter(60_000);

    await leave();

    expect(existsSync(path.join(home.path, 'nowhere'))).to.equal(false);
  });

  it('rejects with the reason of the signal while it waits', async () => {
    const leave = await new StartGate(home.path).enter(0);
    const controller = new AbortController();

    const waiting = new StartGate(home.path)
      .enter(60_000, controller.signal)
      .catch((error: unknown) => error);
    controller.abort('enough');

    expect(await waiting).to.equal('enough');
    await leave();
  });
});
