import { expect } from 'chai';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  IsolationViolationError,
  SkillInput,
  TextInput,
  ValidationError,
  type Codex,
  type ThreadOptionsRecord,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { eventually } from '../wire/eventually.js';
import { crash } from '../crash.js';
import { failure } from '../outcomes.js';
import { noProcessLeft } from '../root-hooks.js';
import { HostileUser } from './hostile-user.js';

/** A model that gets a separate tool for each MCP server. */
const model = 'nobody-knows-it';
const everySkill = 'Use $skill-of-user, $skill-of-project, $agents-of-user and $agents-of-project';

describe('A thread in a hostile environment', function () {
  this.timeout(30_000);
  let user: HostileUser;

  beforeEach(async () => {
    user = await HostileUser.create();
    user.model.otherwise(ScriptedReply.message('Yes'));
  });

  afterEach(async () => {
    await user[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  const options = (): ThreadOptionsRecord => ({ model, workingDirectory: user.repository });

  function isolated(home = join(user.home, 'private')): Codex {
    return user.client({ isolation: 'private', codexHome: home });
  }

  it('has all of it in user mode', async () => {
    await user.trustHooks();
    const codex = user.client();
    user.model.reply(ScriptedReply.shellCommand('touch unasked'));

    const thread = codex.startThread(options());
    const { items } = await thread
      .clone({ options: { approvalPolicy: 'untrusted' } })
      .run(everySkill);
    user.model.reply(ScriptedReply.shellCommand('echo $FROM_PROFILE'));
    await thread.run('Hi');

    expect(user.canaries).to.deep.equal([
      'CANARY-agents-of-project',
      'CANARY-agents-of-user',
      'CANARY-developer-project',
      'CANARY-instructions-project',
      'CANARY-instructions-user',
      'CANARY-profile',
      'CANARY-skill-of-project',
      'CANARY-skill-of-user',
      'mcp__project',
      'mcp__user',
    ]);
    expect(user.marks).to.include.members(['hook-project', 'hook-user', 'profile']);
    // The user's rule allows it to run without approval and without a sandbox.
    expect(items.find(({ type }) => type === 'commandExecution')).to.include({
      status: 'completed',
    });
    expect(readdirSync(user.repository)).to.include('unasked');
  });

  it('has none of it in private mode, when it is started, continued, resumed and forked', async () => {
    await user.trustHooks();
    const home = join(user.home, 'private');
    const codex = isolated(home);
    user.model.reply(ScriptedReply.shellCommand('echo $FROM_PROFILE'));

    const thread = codex.startThread(options());
    const { threadId } = await thread.run(everySkill);
    await (await thread.fork()).run(everySkill);
    await codex.close();
    await (await isolated(home).resumeThread(threadId)).run(everySkill);

    expect(user.model.requests.length).to.equal(4);
    expect(user.canaries).to.deep.equal([]);
    expect(user.marks).to.deep.equal([]);
    expect(existsSync(join(home, 'config.toml'))).to.equal(false);
  });

  it('has none of it in its subagents either', async () => {
    const agent = { message: everySkill, agent_type: 'default' };
    user.model.reply(
      ScriptedReply.functionCall('spawn_agent', agent, { namespace: 'multi_agent_v1' }),
    );

    await isolated().startThread(options()).run('Hi');
    await eventually(() => user.model.requests.length === 3);

    const asked = user.model.requests.map(({ body }) => JSON.stringify(body.input));
    expect(asked.filter((input) => input.includes(everySkill))).to.have.length(2);
    expect(user.canaries).to.deep.equal([]);
  });

  it('asks for approval of a command that a rule of the user allows', async () => {
    user.model.reply(ScriptedReply.shellCommand('touch unasked'));

    const { items } = await isolated()
      .startThread({ ...options(), approvalPolicy: 'untrusted' })
      .run('Hi');

    const [command] = items.filter(({ type }) => type === 'commandExecution');
    expect(command).to.include({ status: 'declined' });
    expect(readdirSync(user.repository)).not.to.include('unasked');
  });

  it('may run commands without approval, and cannot write, unless the options allow it', async () => {
    const codex = isolated();
    const run = ScriptedReply.shellCommand('touch made; ls made');
    user.model.reply(run, ScriptedReply.message('No'), run);

    await codex.startThread(options()).run('Hi');
    const before = readdirSync(user.repository);
    await codex.startThread({ ...options(), sandboxMode: 'workspace-write' }).run('Hi');

    expect(before).not.to.include('made');
    expect(readdirSync(user.repository)).to.include('made');
    expect(user.model.requests[1]?.toolOutputs[0]?.text).to.contain('Read-only file system');
  });

  it('has the additions of the options: instructions, an MCP server and a skill', async () => {
    const [command, ...args] = [process.execPath, '.build/spec/approvals/mcp-server.js'];
    const path = join(user.repository, '.agents/skills/agents-of-project/SKILL.md');
    const codex = user.client({
      isolation: 'private',
      config: { mcp_servers: { bank: { command, args, cwd: process.cwd() } } },
    });
    const thread = codex.startThread({
      ...options(),
      developerInstructions: 'CANARY-wanted',
      config: { skills: { config: [{ path, enabled: true }] } },
    });

    await thread.run([new TextInput(everySkill), new SkillInput('agents-of-project', path)]);

    expect(user.canaries).to.deep.equal(['CANARY-agents-of-project', 'CANARY-wanted', 'mcp__bank']);
  });

  it('refuses a skill that the options do not add', async () => {
    const path = join(user.repository, '.agents/skills/agents-of-project/SKILL.md');
    const thread = isolated().startThread(options());

    const error = await failure(thread.run([new SkillInput('agents-of-project', path)]));

    expect(error).to.be.instanceOf(ValidationError);
    expect((error as Error).message).to.contain('disabled');
    expect(user.model.requests).to.be.empty;
  });

  it('refuses to trust the project, for a new thread, a known one and a fork', async () => {
    const codex = isolated();
    const { threadId } = await codex.startThread(options()).run('Hi');
    const trusting = { trustProject: true, sandboxMode: 'read-only' } as const;

    const errors = [
      await failure((async () => codex.startThread(trusting).run('Hi'))()),
      await failure(codex.resumeThread(threadId, trusting)),
      await failure(codex.forkThread(threadId, trusting)),
    ];

    for (const error of errors) {
      expect(error).to.be.instanceOf(ValidationError);
      expect((error as Error).message).to.contain('trustProject');
    }
  });

  it('stays in its directory: a turn elsewhere is refused, but a fork may change it', async () => {
    const codex = isolated();
    const elsewhere = join(user.home, 'elsewhere');
    mkdirSync(elsewhere);
    const thread = codex.startThread({ model, workingDirectory: elsewhere });
    await thread.run('Hi');

    const error = await failure(
      thread.clone({ options: { workingDirectory: user.repository } }).run(everySkill),
    );
    const fork = await thread.fork({ workingDirectory: user.repository });
    await fork.run(everySkill);

    expect(error).to.be.instanceOf(ValidationError);
    expect((error as Error).message)
      .to.contain('workingDirectory')
      .and.to.contain(elsewhere);
    expect(user.model.requests).to.have.length(2);
    expect(user.canaries).to.deep.equal([]);
  });

  it('is not started in a home with its own instructions', async () => {
    await user.write('home/private/AGENTS.md', 'CANARY-planted');
    const codex = isolated();
    const thread = codex.startThread(options());

    const error = await failure(thread.run('Hi'));

    expect(IsolationViolationError.is(error)).to.equal(true);
    const [violation, ...others] = (error as IsolationViolationError).violations;
    expect(others).to.be.empty;
    expect(violation).to.include({ kind: 'instructions' });
    expect(violation?.what).to.contain(join(user.home, 'private', 'AGENTS.md'));
    expect(user.model.requests).to.be.empty;
    expect(await codex.loadedThreads()).to.be.empty;
  });

  it('is not started in a home with its own configuration, which is not shown', async () => {
    await user.write(
      'home/private/config.toml',
      '[mcp_servers.bank]\ncommand="/bin/true"\nenv={ PASSWORD="CANARY-password" }\n',
    );

    const error = await failure(isolated().startThread(options()).run('Hi'));

    expect(IsolationViolationError.is(error)).to.equal(true);
    expect((error as IsolationViolationError).code).to.equal('isolation-violation');
    expect((error as Error).message)
      .to.contain('mcp_servers.bank.command')
      .and.not.to.contain('CANARY');
    expect(user.model.requests).to.be.empty;
  });

  it('is the only user of its home, which is not accessible to others and removed with the client', async () => {
    const [one, other] = [
      user.client({ isolation: 'private' }),
      user.client({ isolation: 'private' }),
    ];
    expect(user.privateHomes).to.be.empty;

    const homes = await Promise.all(
      [one, other].map(async (codex) => {
        await codex.startThread(options()).run('Hi');
        return (await codex.serverInfo()).codexHome;
      }),
    );

    expect(homes.toSorted()).to.deep.equal(user.privateHomes.toSorted());
    expect(homes).to.have.length(2);
    expect(homes.map((home) => statSync(home).mode & 0o777)).to.deep.equal([0o700, 0o700]);
    await one.close();
    expect(user.privateHomes).to.deep.equal([homes[1]]);
    await other.close();
    await other.close();
    expect(user.privateHomes).to.be.empty;
  });

  it('still exists after a crash of codex-rs', async () => {
    const codex = user.client({ isolation: 'private' });
    const thread = codex.startThread(options());
    await thread.run('Hi');
    const { codexHome } = await codex.serverInfo();
    await crash(codex);

    await thread.run(everySkill);

    expect(await codex.serverInfo()).to.include({ codexHome, generation: 2 });
    expect(user.canaries).to.deep.equal([]);
  });
});
