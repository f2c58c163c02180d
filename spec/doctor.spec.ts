import { expect } from 'chai';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { AppServerSession } from '../lib/wire/app-server-session.js';
import { Codex, type CodexOptionsRecord, type DoctorReport } from '../lib/index.js';
import { SharedHomeCheck } from '../lib/shared-home-check.js';
import { FaultyTransport, ScriptedReply, TemporaryCodexHome } from '../lib/testing/index.js';
import { testedCodexVersion } from '../lib/version.js';
import { eventually } from './wire/eventually.js';
import { fixture } from './transport/real-launch.js';
import { codexVersion, OfflineCodex } from './offline-codex.js';
import { collected } from './outcomes.js';
import { noProcessLeft, processesLeft } from './root-hooks.js';

function checks({ problems }: DoctorReport): readonly string[] {
  return problems.map(({ check }) => check);
}

describe('codex.doctor()', function () {
  this.timeout(20_000);

  afterEach(async () => noProcessLeft());

  describe('on the real codex-rs', () => {
    let offline: OfflineCodex;

    beforeEach(async () => {
      offline = await OfflineCodex.start();
    });

    afterEach(async () => offline[Symbol.asyncDispose]());

    it('finds no problems where turns can run', async () => {
      const report = await offline.client().doctor();

      expect(report.problems).to.deep.equal([]);
      expect(report).to.deep.include({
        version: codexVersion(),
        versionIsTested: true,
        account: 'apiKey',
        home: offline.home.path,
        homeIsWritable: true,
        sandboxIsUsable: true,
      });
      expect(report.binary).to.match(/codex(\.exe)?$/);
      expect(report).to.be.frozen;
      expect(report.problems).to.be.frozen;
      expect(readdirSync(offline.home.path).join()).not.to.contain('doctor');
    });

    it('sends no request to the model, and does not report a key that the provider rejects', async () => {
      offline.model.otherwise(ScriptedReply.status(401));

      const report = await offline.client().doctor();

      expect(report.problems).to.deep.equal([]);
      expect(offline.model.requests).to.deep.equal([]);
    });

    describe('of a home that machines share', () => {
      const config = { features: { shell_snapshot: false } };
      let sqliteHome: string;

      beforeEach(() => {
        sqliteHome = join(offline.home.path, 'databases');
      });

      it('finds no problems where its locks work, and leaves no thread behind', async () => {
        await using home = await TemporaryCodexHome.create();
        const codex = offline.client({ codexHome: home.path, sqliteHome, config });
        const report = await codex.doctor();

        expect(report.problems).to.deep.equal([]);
        expect(existsSync(join(sqliteHome, 'state_5.sqlite'))).to.equal(true);
        expect(existsSync(join(home.path, 'state_5.sqlite'))).to.equal(false);
        const files = readdirSync(home.path, { recursive: true, encoding: 'utf8' });
        expect(
          files.filter((file) => file.endsWith('.jsonl') && file.includes('rollout')),
        ).to.deep.equal([]);
      });

      it('finds that every load starts a login shell', async () => {
        const usual = { features: { shell_snapshot: true } };
        const { problems } = await offline.client({ sqliteHome, config: usual }).doctor();

        expect(problems.map(({ check, advice }) => [check, advice])).to.deep.equal([
          ['shared-home', 'Pass config: { features: { shell_snapshot: false } }.'],
        ]);
      });

      it('finds a database that was copied from another home', async () => {
        const other = await OfflineCodex.start();
        other.model.reply(ScriptedReply.message('Yes'));
        const { threadId } = await other.client().startThread().run('One');
        await other.client().close();
        const copied = join(other.home.path, 'state_5.sqlite');
        mkdirSync(sqliteHome);
        for (const part of ['', '-wal', '-shm'])
          if (existsSync(copied + part))
            copyFileSync(copied + part, join(sqliteHome, `state_5.sqlite${part}`));

        const { problems } = await offline.client({ sqliteHome, config }).doctor();
        await other[Symbol.asyncDispose]();

        expect(problems).to.have.length(1);
        expect(problems[0]?.what).to.contain(threadId).and.contain(other.home.path);
        expect(problems[0]?.advice).to.contain('Delete state_5.sqlite');
      });

      it('finds locks that do not work', async () => {
        const other = await TemporaryCodexHome.create();
        mkdirSync(join(offline.home.path, 'sessions'), { recursive: true });
        symlinkSync(join(offline.home.path, 'sessions'), join(other.path, 'sessions'));
        const session = (client: Codex): AppServerSession => client as unknown as AppServerSession;
        const check = new SharedHomeCheck({
          session: session(offline.client({ config })),
          home: offline.home.path,
          environment: { CODEX_SQLITE_HOME: sqliteHome },
          // The same threads, with their own locks.
          openAnother: async () =>
            Promise.resolve(session(offline.client({ codexHome: other.path }))),
        });

        const problems = await check.problems();
        await other.remove();

        expect(problems.map(({ what }) => what).join()).to.contain('the locks in');
      });
    });

    it('reports a missing account', async () => {
      const report = await offline.client({ apiKey: undefined }).doctor();

      expect(checks(report)).to.deep.equal(['account']);
      expect(report).to.include({ account: null, sandboxIsUsable: true });
      expect(report.problems[0]?.advice).to.contain('codex login');
    });

    it('does not need an account for a provider that does not', async () => {
      const mock = { name: 'mock', base_url: offline.model.baseUrl, wire_api: 'responses' };
      const report = await offline
        .client({
          apiKey: undefined,
          baseUrl: undefined,
          modelProvider: 'mock',
          config: { model_providers: { mock } },
        })
        .doctor();

      expect(report).to.deep.include({ account: null, problems: [] });
    });

    for (const [what, text, check, reason] of [
      ['a table that is there twice', '[mcp_servers.a]\n[mcp_servers.a]\n', 'configuration', 'key'],
      ['a value of the wrong type', 'model = 5\n', 'configuration', 'expected a string'],
      ['a provider that is not defined', 'model_provider = "gone"\n', 'configuration', '`gone`'],
      ['a setting that codex-rs ignores', 'modle = "x"\n', 'configuration', '`modle`'],
      [
        'a required MCP server',
        '[mcp_servers.a]\ncommand="/no/a"\nrequired=true\n',
        'mcp-server',
        'a: ',
      ],
      [
        'an MCP server that cannot start',
        '[mcp_servers.a]\ncommand="/no/a"\n',
        'mcp-server',
        '"a"',
      ],
      [
        'a provider without its key',
        'model_provider="p"\n[model_providers.p]\nname="p"\nbase_url="http://127.0.0.1:9/v1"\nenv_key="NO_KEY"\n',
        'account',
        'NO_KEY',
      ],
    ] as const)
      it(`reports ${what}, once`, async () => {
        await offline.home.write('config.toml', text);

        const { problems } = await offline.client().doctor();

        expect(problems.map((problem) => problem.check)).to.deep.equal([check]);
        expect(problems[0]?.what).to.contain(reason);
        expect(problems[0]?.advice).not.to.equal('');
      });

    it('reports instructions that are not UTF-8, and unusable rules and skills', async () => {
      const bytes = join(offline.home.path, 'AGENTS.md');
      writeFileSync(bytes, Buffer.from([0x68, 0xff, 0x0a]));
      await offline.home.write('rules/default.rules', 'no ( rule');
      await offline.home.write('skills/bad/SKILL.md', 'no front matter');

      const report = await offline.client().doctor();

      expect(checks(report)).to.deep.equal(['instructions', 'skill', 'configuration']);
      expect(report.problems.map(({ what }) => what).join()).to.match(
        /AGENTS\.md is not UTF-8.+SKILL\.md cannot be used.+rules/s,
      );
    });

    it('reports everything that a private client does not exclude', async () => {
      await offline.home.write('config.toml', 'model = "gpt-5.5"\n');

      const report = await offline.client({ isolation: 'private' }).doctor();

      expect(checks(report)).to.deep.equal(['configuration']);
      expect(report.problems[0]?.what).to.contain('sets model');
    });

    it('leaves nothing behind: no thread, no MCP server, no trust', async () => {
      const configuration = join(offline.home.path, 'config.toml');
      const before = readFileSync(configuration, 'utf8');
      const bank = {
        command: process.execPath,
        args: [resolve('.build/spec/approvals/mcp-server.js')],
      };
      const codex = offline.client({
        config: { sandbox_mode: 'workspace-write', mcp_servers: { bank } },
      });

      expect((await codex.doctor()).problems).to.deep.equal([]);

      await eventually(() => !processesLeft().some((line) => line.endsWith('mcp-server.js')));
      expect(await codex.loadedThreads()).to.deep.equal([]);
      expect(await collected(codex.listThreads())).to.deep.equal([]);
      expect(readFileSync(configuration, 'utf8')).to.equal(before);
    });

    it('reports a missing binary, and starts nothing', async () => {
      const codexPath = join(offline.home.path, 'no-codex');

      const report = await offline.client({ codexPath }).doctor();

      expect(checks(report)).to.deep.equal(['binary']);
      expect(report).to.include({ binary: null, version: null, sandboxIsUsable: null });
      expect(report.problems[0]?.what).to.contain(codexPath);
      expect(processesLeft()).to.deep.equal([]);
    });

    it('reports a home that is a file, with the error of codex-rs', async () => {
      await offline.home.write('file', '');
      const codexHome = join(offline.home.path, 'file');

      const env = { ...offline.environment, RUST_BACKTRACE: '1' };
      const report = await offline.client({ codexHome, env }).doctor();

      expect(checks(report)).to.deep.equal(['home', 'start']);
      expect(report).to.include({ home: codexHome, homeIsWritable: false, account: null });
      expect(report.problems[1]?.what).to.contain('is not a directory');
    });

    it('accepts a default home that codex-rs creates', async () => {
      await using user = await TemporaryCodexHome.create();
      const { apiKey, baseUrl } = offline.options;
      const env = { ...offline.environment, HOME: user.path };
      await using codex = new Codex({ apiKey, baseUrl, env });

      const report = await codex.doctor();

      expect(report.problems).to.deep.equal([]);
      expect(report).to.include({ home: join(user.path, '.codex'), homeIsWritable: true });
    });

    it('reports a default home that cannot be created', async () => {
      const { apiKey, baseUrl } = offline.options;
      const env = { ...offline.environment, HOME: join(offline.home.path, 'not-there') };
      await using codex = new Codex({ apiKey, baseUrl, env });

      const report = await codex.doctor();

      expect(checks(report)).to.include('home');
      expect(report.homeIsWritable).to.equal(false);
    });

    it('reports a home that does not exist', async () => {
      const codexHome = join(offline.home.path, 'not-there');

      const report = await offline.client({ codexHome }).doctor();

      expect(checks(report)).to.deep.equal(['home', 'start']);
      expect(report.problems[0]?.what).to.contain('no such file or directory');
    });
  });

  describe('on a codex-rs that misbehaves', () => {
    let offline: OfflineCodex;
    let transport: FaultyTransport;

    before(async () => {
      offline = await OfflineCodex.start();
    });

    beforeEach(() => {
      transport = new FaultyTransport();
    });

    after(async () => offline[Symbol.asyncDispose]());

    async function doctor(options: CodexOptionsRecord = {}): Promise<DoctorReport> {
      await using client = offline.client({ transport, ...options });
      return await client.doctor();
    }

    it('reports that the sandbox cannot be set up', async () => {
      transport.on('command/exec').answer({ exitCode: 1, stdout: '', stderr: 'bwrap: denied\n' });

      const report = await doctor();

      expect(checks(report)).to.deep.equal(['sandbox']);
      expect(report).to.include({ sandboxIsUsable: false, account: 'apiKey' });
      expect(report.problems[0]?.what).to.contain('bwrap: denied');
    });

    it('reports that codex-rs cannot check the sandbox', async () => {
      transport.on('command/exec').reject(-32600, 'Invalid request: unknown variant');

      const report = await doctor();

      expect(checks(report)).to.deep.equal(['sandbox']);
      expect(report.sandboxIsUsable).to.equal(null);
    });

    it('reports an untested version', async () => {
      transport
        .on('initialize')
        .editReply((info) => ({ ...info, userAgent: 'spec/0.100.0 (Linux)' }));

      const report = await doctor();

      expect(checks(report)).to.include('version');
      expect(report).to.include({ version: '0.100.0', versionIsTested: false });
      expect(report.problems[0]?.advice).to.contain(testedCodexVersion);
    });

    it('reports that the account cannot be read', async () => {
      transport.on('account/read').reject(-32600, 'workspace routing discovery failed');

      const report = await doctor();

      expect(checks(report)).to.deep.equal(['account']);
      expect(report.problems[0]?.what).to.contain('workspace routing discovery failed');
    });

    it('reports a rejected key', async () => {
      transport.on('account/login/start').reject(-32600, 'no such key');

      const report = await doctor();

      expect(checks(report)).to.deep.equal(['account']);
      expect(report.problems[0]?.what).to.contain('no such key');
    });

    it('reports a failed start', async () => {
      const report = await doctor({ codexPath: fixture('process-fails') });

      expect(checks(report)).to.deep.equal(['start']);
      expect(report.problems[0]?.what).to.contain('exit code 7');
    });

    it('reports a closed client', async () => {
      const client = offline.client();
      await client.close();

      expect(checks(await client.doctor())).to.deep.equal(['start']);
    });
  });
});
