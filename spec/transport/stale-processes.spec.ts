import { expect } from 'chai';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { thisHost } from '../../lib/transport/host-process.js';
import { identify } from '../../lib/transport/process-tree.js';
import { StaleProcesses } from '../../lib/transport/stale-processes.js';
import { eventually, isAlive } from '../wire/eventually.js';
import { fixture, temporaryHome } from './real-launch.js';

describe('StaleProcesses', function () {
  this.timeout(15_000);

  let home: ReturnType<typeof temporaryHome>;
  let records: string;
  let stale: StaleProcesses;

  beforeEach(() => {
    home = temporaryHome();
    records = path.join(home.path, 'records');
    stale = new StaleProcesses(records);
  });

  afterEach(() => {
    home[Symbol.dispose]();
  });

  function write(name: string, content: unknown): string {
    mkdirSync(records, { recursive: true });
    const file = path.join(records, `${name}.json`);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  function startBystander(): ChildProcess {
    return spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
      stdio: 'ignore',
    });
  }

  async function deadHost(): Promise<object> {
    return { ...(await thisHost()), pid: spawnSync(process.execPath, ['-e', '']).pid };
  }

  it('ends the child of a killed host, with its command in another process group', async () => {
    const host = spawn(
      process.execPath,
      [fixture('process-host'), records, fixture('process-stubborn'), 'stay'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [said] = (await once(host.stdout, 'data')) as [Buffer];
    const { pid, command } = JSON.parse(said.toString()) as { pid: number; command: number };
    await eventually(() => readdirSync(records).length === 1);
    host.kill('SIGKILL');
    await once(host, 'exit');
    expect([isAlive(pid), isAlive(command)]).to.deep.equal([true, true]);

    await stale.sweep();

    await eventually(() => !isAlive(pid) && !isAlive(command));
    expect(readdirSync(records)).to.deep.equal([]);
  });

  it('does not touch anything of a running host', async () => {
    const child = startBystander();
    const forget = await stale.record({ pid: child.pid! });

    await stale.sweep();

    expect(isAlive(child.pid!)).to.equal(true);
    expect(readdirSync(records)).to.have.length(1);
    await forget();
    await forget();
    expect(readdirSync(records)).to.deep.equal([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('does not touch a process that only has the id of the child', async () => {
    const bystander = startBystander();
    const child = { ...(await identify(bystander.pid!)), startedAt: '1' };
    write('stale', { host: await deadHost(), child });

    await stale.sweep();

    expect(isAlive(bystander.pid!)).to.equal(true);
    expect(readdirSync(records)).to.deep.equal([]);
    bystander.kill('SIGKILL');
    await once(bystander, 'exit');
  });

  it('removes the temporary home of a dead host, also from before a reboot', async () => {
    const homes = ['codex-threads-a', '.codex-threads-b'].map((name) => path.join(home.path, name));
    for (const folder of homes) mkdirSync(path.join(folder, 'sessions'), { recursive: true });
    write('dead', { host: await deadHost(), child: null, home: homes[0] });
    write('rebooted', {
      host: { ...(await thisHost()), boot: 'earlier' },
      child: null,
      home: homes[1],
    });

    await stale.sweep();

    expect(homes.map((folder) => existsSync(folder))).to.deep.equal([false, false]);
  });

  it('never removes a folder without the name of a temporary home', async () => {
    const folder = path.join(home.path, 'important');
    mkdirSync(folder);
    write('bad', { host: await deadHost(), child: null, home: folder });

    await stale.sweep();

    expect(existsSync(folder)).to.equal(true);
  });

  it('keeps records of another machine, and unreadable ones, until they are a week old', async () => {
    const foreign = write('foreign', { host: { ...(await thisHost()), machine: 'elsewhere' } });
    const broken = write('broken', '{"host":');
    const old = write('old', 'null');
    const eightDaysAgo = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000);
    utimesSync(old, eightDaysAgo, eightDaysAgo);

    await stale.sweep();

    expect([foreign, broken, old].map((file) => existsSync(file))).to.deep.equal([
      true,
      true,
      false,
    ]);
  });

  it('ignores a folder that does not exist or is not writable', async () => {
    const nowhere = new StaleProcesses(path.join(write('a-file', {}), 'records'));

    await nowhere.sweep();
    const forget = await nowhere.record({ pid: process.pid });

    await forget();
  });
});
