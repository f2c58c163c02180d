import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { thisHost } from '../../lib/transport/host-process.js';
import { IsolationViolationError } from '../../lib/isolation/isolation-violation-error.js';
import { PrivateHome } from '../../lib/isolation/private-home.js';
import { StaleProcesses } from '../../lib/transport/stale-processes.js';
import { failure } from '../outcomes.js';
import { temporaryHome } from '../transport/real-launch.js';

describe('PrivateHome', () => {
  let place: ReturnType<typeof temporaryHome>;
  let stateDirectory: string;
  const homeBefore = process.env.HOME;

  beforeEach(() => {
    place = temporaryHome();
    stateDirectory = path.join(place.path, 'records');
    process.env.HOME = place.path;
  });

  afterEach(() => {
    process.env.HOME = homeBefore;
    place[Symbol.dispose]();
  });

  function modeOf(file: string): number {
    return statSync(file).mode & 0o777;
  }

  it("is a directory directly below the user's home, created when it is needed", async () => {
    const home = new PrivateHome({ stateDirectory });
    const wasThere = existsSync(home.path);

    await home.ensure();

    expect(wasThere).to.equal(false);
    expect(path.dirname(home.path)).to.equal(homedir());
    expect(path.basename(home.path)).to.match(/^\.codex-threads-./);
    expect([modeOf(home.path), modeOf(home.userHome)]).to.deep.equal([0o700, 0o700]);
    await home.remove();
  });

  it('is created again if it was removed externally', async () => {
    const home = new PrivateHome({ stateDirectory });
    await home.ensure();
    spawnSync('rm', ['-r', home.path]);

    await home.ensure();

    expect(existsSync(home.userHome)).to.equal(true);
    expect(readdirSync(stateDirectory)).to.have.length(1);
    await home.remove();
  });

  it('is removed with its content and its record, and not created again', async () => {
    const home = new PrivateHome({ stateDirectory });
    await home.ensure();
    writeFileSync(path.join(home.path, 'state'), '');

    await home.remove();
    await home.remove();
    await home.ensure();

    expect(existsSync(home.path)).to.equal(false);
    expect(readdirSync(stateDirectory)).to.be.empty;
  });

  it('is removed by the next start if its host was killed', async () => {
    const left = path.join(place.path, '.codex-threads-left');
    mkdirSync(left);
    mkdirSync(stateDirectory);
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const host = { ...(await thisHost()), pid };
    writeFileSync(path.join(stateDirectory, 'left.json'), JSON.stringify({ host, home: left }));

    await new StaleProcesses(stateDirectory).sweep();

    expect(existsSync(left)).to.equal(false);
  });

  it('is kept if it was given, and is not accessible to others', async () => {
    const given = path.join(place.path, 'deep', 'given');
    const home = new PrivateHome({ given, stateDirectory });
    mkdirSync(given, { recursive: true });
    chmodSync(given, 0o755);

    await home.ensure();
    await home.remove();

    expect(modeOf(given)).to.equal(0o700);
    expect(existsSync(stateDirectory)).to.equal(false);
  });

  it("cannot be a path to the user's own home", async () => {
    const given = path.join(place.path, 'link');
    mkdirSync(path.join(place.path, '.codex'));
    chmodSync(path.join(place.path, '.codex'), 0o755);
    symlinkSync(path.join(place.path, '.codex'), given);

    const error = await failure(new PrivateHome({ given }).ensure());

    expect(IsolationViolationError.is(error)).to.equal(true);
    expect((error as IsolationViolationError).violations).to.have.length(1);
    expect((error as Error).message)
      .to.contain(given)
      .and.to.contain('codexHome');
    expect(modeOf(path.join(place.path, '.codex'))).to.equal(0o755);
  });

  it('cannot be a file', async () => {
    const given = path.join(place.path, 'file');
    writeFileSync(given, '');

    const error = await failure(new PrivateHome({ given }).ensure());

    expect(IsolationViolationError.is(error)).to.equal(true);
    expect((error as Error).message).to.contain(given);
  });

  it('cannot belong to another user', async () => {
    const theirs = path.join(place.path, 'theirs');
    mkdirSync(theirs);
    const isChanged = spawnSync('chown', ['65534', theirs]).status === 0;
    // Only root can give a directory away, and only root owns this one.
    const given = isChanged ? theirs : '/usr';

    const error = await failure(new PrivateHome({ given }).ensure());

    expect(IsolationViolationError.is(error)).to.equal(true);
    expect((error as Error).message).to.match(/uid \d+/);
  });
});
