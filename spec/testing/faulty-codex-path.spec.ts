import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { AllowApprovals, Codex, TurnLostError } from '../../lib/index.js';
import { FaultyAppServer, FaultyTurn, TemporaryCodexHome } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { noProcessLeft, processesLeft } from '../root-hooks.js';

describe('FaultyAppServer', () => {
  describe('transport', () => {
    it('puts a client on the server in this process', async () => {
      await using home = await TemporaryCodexHome.create();
      const faulty = new FaultyAppServer().plays(new FaultyTurn().message('A test fails.'));
      await using codex = new Codex({ transport: faulty.transport, codexHome: home.path });

      const { finalResponse } = await codex.startThread().run('Why is the build red?');

      expect(finalResponse).to.equal('A test fails.');
      expect(processesLeft()).to.deep.equal([]);
      expect(readdirSync(home.path)).to.deep.equal([]);
      expect(await codex.serverInfo()).to.include({ processId: null, codexHome: home.path });
    });

    it('is asked for approval, and killed in the middle of a turn, as a process is', async () => {
      const faulty = new FaultyAppServer()
        .plays(new FaultyTurn().command('ls', { approval: true }).message('One file.'))
        .plays(new FaultyTurn().command('ls').kill());
      await using codex = new Codex({
        transport: faulty.transport,
        approvals: new AllowApprovals(),
      });
      const thread = codex.startThread();
      const first = await thread.run('Look');

      const error = await failure(thread.run('Look again'));

      expect(first.finalResponse).to.equal('One file.');
      expect(error).to.be.instanceOf(TurnLostError).and.include({ signal: 'SIGKILL' });
      expect((await thread.run('Once more')).status).to.equal('completed');
      expect(faulty.starts).to.have.length(2);
    });

    it('tells what a program would have been started with', async () => {
      const faulty = new FaultyAppServer();
      await using codex = new Codex({
        transport: faulty.transport,
        env: { NAME: 'value' },
        config: { model: 'm' },
      });

      await codex.warmUp();

      const [start] = faulty.starts;
      expect(start?.environment).to.include({ NAME: 'value' });
      expect(start?.args).to.include('model="m"');
      expect(start?.pid).to.equal(null);
    });

    it('satisfies the doctor', async () => {
      const faulty = new FaultyAppServer();
      await using codex = new Codex({ transport: faulty.transport });

      const { binary, version } = await codex.doctor();

      expect({ binary, version }).to.deep.equal({ binary: null, version: '0.169.0' });
    });
  });

  describe('program', () => {
    it('starts the server in place of codex, and leaves no process', async () => {
      await using home = await TemporaryCodexHome.create();
      const faulty = new FaultyAppServer()
        .inDirectory(home.path)
        .plays(new FaultyTurn().message('A test fails.'));
      const codex = new Codex({ ...faulty.program(), codexHome: home.path });

      const { finalResponse } = await codex.startThread().run('Why is the build red?');

      expect(finalResponse).to.equal('A test fails.');
      expect(processesLeft()).to.have.length(1);
      expect(faulty.starts[0]?.args.slice(0, 2)).to.deep.equal(['app-server', '-c']);
      await codex.close();
      await noProcessLeft();
    });

    it('takes the variables it is given in place of those of this process', () => {
      const { env, codexPath } = new FaultyAppServer().program({ PATH: '/bin' });

      expect(Object.keys(env)).to.deep.equal(['PATH', 'FAULTY_APP_SERVER']);
      expect(basename(codexPath)).to.equal('faulty-codex.cjs');
    });
  });
});
