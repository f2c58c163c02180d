import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { HostileUser } from './hostile-user.js';

describe('A private client', function () {
  this.timeout(20_000);
  let user: HostileUser;

  beforeEach(async () => {
    user = await HostileUser.create();
    user.model.otherwise(ScriptedReply.message('Yes'));
  });

  afterEach(async () => {
    await user[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  it('of a killed program leaves a home that the next client removes', async () => {
    const program = spawn(process.execPath, [resolve('fixtures/programs/private-client.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(program.stdout, 'data')) as [Buffer];
    const home = said.toString().trim();
    program.kill('SIGKILL');
    await once(program, 'exit');
    const left = user.privateHomes;

    const codex = user.client({ isolation: 'private' });
    await codex.warmUp();

    expect(left).to.deep.equal([home]);
    expect(user.privateHomes).to.deep.equal([(await codex.serverInfo()).codexHome]);
  });

  it('that is closed without use has created nothing', async () => {
    const codex = user.client({ isolation: 'private' });

    await codex.close();

    expect(user.privateHomes).to.be.empty;
  });

  it('that is closed during its start leaves nothing behind', async () => {
    const codex = user.client({ isolation: 'private' });
    const start = failure(codex.warmUp());

    await codex.close();

    expect(await start).to.include({ code: 'closed' });
    expect(user.privateHomes).to.be.empty;
  });

  it('opens threads concurrently, and without the experimental part of the protocol', async () => {
    const codex = user.client({ isolation: 'private', experimentalApi: false });
    const options = { workingDirectory: user.repository };

    await Promise.all(
      [1, 2, 3].map(async () => codex.startThread(options).run('Use $agents-of-project')),
    );

    expect(user.model.requests).to.have.length(3);
    expect(user.canaries).to.deep.equal([]);
  });

  it('is healthy according to the doctor, which reports that it is private', async () => {
    const codex = user.client({ isolation: 'private' });

    const report = await codex.doctor();

    expect(report).to.include({ isolation: 'private', homeIsWritable: true, account: 'apiKey' });
    expect(report.problems).to.deep.equal([]);
    expect(user.privateHomes).to.deep.equal([report.home]);
  });

  it('gets no advice from the doctor to log in elsewhere or to use an invalid home', async () => {
    const file = join(user.home, 'file');
    writeFileSync(file, '');
    const options = { isolation: 'private', apiKey: undefined } as const;

    const { problems } = await user.client(options).doctor();
    const report = await user.client({ ...options, codexHome: file }).doctor();

    expect(problems.map(({ check, advice }) => `${check}: ${advice}`)).to.deep.equal([
      'account: Set CODEX_API_KEY, log in with codex.account, or pass apiKey to the client.',
    ]);
    expect(report.problems.map(({ check }) => check)).to.deep.equal(['home', 'start']);
    expect(report.homeIsWritable).to.equal(false);
  });
});
