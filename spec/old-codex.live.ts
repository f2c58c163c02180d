import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UnsupportedCodexError, telemetry, type Codex } from '../lib/index.js';
import { ScriptedReply, TemporaryCodexHome } from '../lib/testing/index.js';
import { failure } from './outcomes.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft } from './root-hooks.js';

// Run by `npm run test:old-codex`: downloads two older versions of codex-rs from the npm registry.

describe('An old codex-rs from npm', function () {
  this.timeout(300_000);
  let folder: TemporaryCodexHome;
  let offline: OfflineCodex;
  let problems: string[];
  let forget: () => void;

  before(async () => {
    folder = await TemporaryCodexHome.create();
    const dependencies = {
      'codex-0.128.0': 'npm:@openai/codex@0.128.0',
      'codex-0.150.0': 'npm:@openai/codex@0.150.0',
    };
    await writeFile(join(folder.path, 'package.json'), JSON.stringify({ dependencies }));
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund'], {
      cwd: folder.path,
      timeout: 240_000,
    });
  });

  beforeEach(async () => {
    offline = await OfflineCodex.start();
    offline.model.otherwise(ScriptedReply.message('Done.'));
    problems = [];
    forget = telemetry.problem.subscribe(({ during }) => problems.push(during));
  });

  afterEach(async () => {
    forget();
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  after(async () => {
    await folder.remove();
  });

  function client(version: string, options: { readonly minCodexVersion?: string } = {}): Codex {
    const codexPath = join(folder.path, 'node_modules', `codex-${version}`, 'bin/codex.js');
    return offline.client({ ...options, codexPath });
  }

  describe('0.150.0', () => {
    it('runs turns, also with their own settings, and reports once what is not stored', async () => {
      const codex = client('0.150.0');
      const thread = codex.startThread({ labels: { team: 'payments' }, sandboxMode: 'read-only' });

      await thread.run('Hello');
      await thread.run('Hello', { options: { sandboxMode: 'danger-full-access' } });
      const { finalResponse } = await thread.run('Hello');

      expect(finalResponse).to.equal('Done.');
      expect(problems).to.deep.equal(['version', 'labels', 'settings']);
      expect(await codex.serverInfo()).to.include({ version: '0.150.0', isTested: false });
    });

    it('forks and resumes threads', async () => {
      const first = client('0.150.0');
      const thread = first.startThread();
      const { threadId, continuation } = await thread.run('Hello');
      const fork = await thread.fork();
      await fork.run('Hello');
      await first.close();

      const resumed = await client('0.150.0').resumeThread(threadId, { continuation });

      expect((await resumed.run('Hello')).finalResponse).to.equal('Done.');
    });

    it('is named in the error if threads are searched by labels', async () => {
      const found = client('0.150.0').findThreads({ team: 'payments' });

      expectUnsupported(await failure(found.next()), '0.150.0');
    });

    it('is refused by minCodexVersion', async () => {
      const codex = client('0.150.0', { minCodexVersion: '0.151.0' });

      expectUnsupported(await failure(codex.startThread().run('Hello')), '0.150.0');
    });
  });

  describe('0.128.0', () => {
    it('is named in the error if a thread is started, because it cannot describe one', async () => {
      const error = await failure(client('0.128.0').startThread().run('Hello'));

      expectUnsupported(error, '0.128.0');
      expect(error).to.have.property(
        'missing',
        'a readable reply to thread/start (sessionId is missing)',
      );
    });

    it('lists models and threads, and is the only problem that doctor() finds', async () => {
      const codex = client('0.128.0');

      expect(await codex.models()).to.not.be.empty;
      expect(await codex.listThreads().next()).to.include({ done: true });
      const checks = (await codex.doctor()).problems.map(({ check }) => check);
      expect(new Set(checks)).to.deep.equal(new Set(['version']));
    });
  });

  function expectUnsupported(error: unknown, version: string): void {
    expect(error).to.be.instanceOf(UnsupportedCodexError);
    expect(error).to.include({ code: 'unsupported-codex', codexVersion: version });
    const { message } = error as Error;
    expect(message).to.contain(version);
    expect(message.length).to.be.below(500);
  }
});
