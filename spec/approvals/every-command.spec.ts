import { expect } from 'chai';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AskApprovals,
  ValidationError,
  type Codex,
  type ThreadOptionsRecord,
} from '../../lib/index.js';
import { ScriptedReply, type ScriptedRequest } from '../../lib/testing/index.js';
import { spawnOne } from '../conversation/spawned-agents.js';
import { ExecServer } from '../exec-server.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

const done = ScriptedReply.message('Done');

describe('Approvals of every command', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let workspace: string;
  let asked: string[];

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  beforeEach(async () => {
    workspace = await mkdtemp(join(offline.home.path, 'workspace-'));
    asked = [];
    offline.model.otherwise(done);
  });

  afterEach(async () => {
    await rm(workspace, { recursive: true });
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  /** Runs a turn whose commands get this decision. */
  async function run(decision: 'allow' | 'deny', options: ThreadOptionsRecord): Promise<void> {
    const approvals = new AskApprovals((request) => {
      asked.push(request.kind === 'command' ? (request.command ?? '') : request.kind);
      return request.kind === 'command' && decision === 'allow' ? request.allow() : request.deny();
    });
    const thread = codex
      .thread()
      .withOptions({ model: 'gpt-5.5', workingDirectory: workspace, ...options })
      .withApprovals(approvals, { every: 'command' })
      .build();
    await thread.run('Go');
  }

  const touch = (path: string): ScriptedReply => ScriptedReply.shellCommand(`touch ${path}`);

  it('asks before every command, even a harmless one and without a sandbox: a denied command creates no file', async () => {
    offline.model.reply(touch('a'), touch('a'), ScriptedReply.shellCommand('ls'));
    await run('deny', { sandboxMode: 'danger-full-access' });
    offline.model.reply(touch('b'));
    await run('deny', { sandboxMode: 'workspace-write' });

    expect(asked).to.have.length(4);
    expect(await readdir(workspace)).to.deep.equal([]);
  });

  it('replaces an approval mode, and is not the result of any other option', () => {
    const builder = codex.thread().withOptions({ approvalMode: 'denyAll' });
    const approvals = new AskApprovals((request) => request.deny());

    const { threadOptions } = builder.withApprovals(approvals, { every: 'command' }).build();

    expect(threadOptions).to.include({ approvals, approvalPolicy: 'untrusted' });
    expect(threadOptions.approvalMode).to.equal(undefined);
    expect(builder.withApprovals(approvals).build().threadOptions.approvalMode).to.equal('denyAll');
    expect(() => builder.withApprovals(approvals, { every: 'turn' as 'command' })).to.throw(
      ValidationError,
      /every: must be "command", got "turn"/,
    );
  });

  it('asks before the commands in an environment: a denied command creates no file there', async () => {
    const server = await ExecServer.start(offline.home.path);
    const environments = [{ name: 'far', workingDirectory: server.directory }];
    await using other = offline.client({ environments: { far: { url: server.url } } });
    codex = other;
    offline.model.reply(touch('a'), ScriptedReply.shellCommand('ls'));
    await run('deny', { environments, sandboxMode: 'danger-full-access' });
    offline.model.reply(touch('b'));
    await run('allow', { environments, sandboxMode: 'danger-full-access' });

    expect(asked).to.have.length(3);
    expect(await readdir(server.directory)).to.deep.equal(['b']);
    await server.stop();
    codex = offline.client();
  });

  it('asks before the commands of sub-agents', async () => {
    let commands = 0;
    spawnOne(offline.model, (): ScriptedReply => (commands++ === 0 ? touch('a') : done));

    await run('deny', { sandboxMode: 'danger-full-access' });

    expect(asked.filter((command) => command.includes('touch a'))).to.have.length(1);
    expect(await readdir(workspace)).to.deep.equal([]);
  });

  it('does not ask about input to an allowed command', async () => {
    const shell = { cmd: 'bash --norc', tty: true, yield_time_ms: 300 };
    offline.model.reply(ScriptedReply.functionCall('exec_command', shell));
    offline.model.replyOnceWhen(
      ({ body }: ScriptedRequest) => JSON.stringify(body).includes('running with session ID'),
      ({ body }: ScriptedRequest) => {
        const [, id] = /session ID (\d+)/.exec(JSON.stringify(body)) ?? [];
        const typed = { session_id: Number(id), chars: 'touch a; exit\n', yield_time_ms: 500 };
        return ScriptedReply.functionCall('write_stdin', typed);
      },
    );

    await run('allow', { sandboxMode: 'danger-full-access' });

    expect(asked).to.have.length(1);
    expect(await readdir(workspace)).to.deep.equal(['a']);
  });

  it('does not ask about a command that a rule in the home allows', async () => {
    await offline.home.write(
      'rules/own.rules',
      'prefix_rule(pattern=["touch"], decision="allow")\n',
    );
    await using other = offline.client();
    codex = other;
    offline.model.reply(touch('a'));

    await run('deny', { sandboxMode: 'danger-full-access' });

    expect(asked).to.deep.equal([]);
    expect(await readdir(workspace)).to.deep.equal(['a']);
  });
});
