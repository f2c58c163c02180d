import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ThreadOptionsRecord } from '../lib/index.js';
import { ScriptedReply } from '../lib/testing/index.js';
import { OfflineCodex } from './offline-codex.js';
import { noProcessLeft } from './root-hooks.js';

describe('In a monorepo', function () {
  this.timeout(30_000);
  let offline: OfflineCodex;
  let scratch: string;
  let root: string;

  before(async () => {
    offline = await OfflineCodex.start();
    scratch = realpathSync(mkdtempSync(join(homedir(), '.codex-threads-spec-')));
    root = join(scratch, 'main');
    write('AGENTS.md', 'Rules of the root');
    write('packages/api/AGENTS.md', 'Rules of the API');
    write('packages/web/AGENTS.md', 'Rules of the website');
    write('packages/api/src/index.js', '');
    git('init', '--quiet');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'Start');
  });

  beforeEach(() => {
    offline.model.otherwise(ScriptedReply.message('Done'));
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true, force: true });
    await noProcessLeft();
  });

  function write(name: string, text: string): void {
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  function git(...args: readonly string[]): void {
    const author = ['-c', 'user.name=spec', '-c', 'user.email=spec@localhost'];
    execFileSync('git', [...author, ...args], { cwd: root });
  }

  /** The instructions of the repository that the model gets in a directory. */
  async function rulesIn(workingDirectory: string): Promise<readonly string[]> {
    await offline.client().startThread({ workingDirectory }).run('Hi');
    const sent = JSON.stringify(offline.model.requests.at(-1)?.body);
    return sent.match(/Rules of the \w+/g) ?? [];
  }

  /** Runs a command of the agent in the sandbox for its working directory. */
  async function runIn(
    workingDirectory: string,
    command: string,
    options: ThreadOptionsRecord = {},
  ): Promise<string | undefined> {
    offline.model.reply(ScriptedReply.shellCommand(command));
    const sandboxed = { sandboxMode: 'workspace-write', workingDirectory, ...options } as const;
    await offline.client().startThread(sandboxed).run('Hi');
    return offline.model.requests.at(-1)?.toolOutputs.at(-1)?.text;
  }

  it('the model gets AGENTS.md from the root of the repository down to the working directory', async () => {
    expect(await rulesIn(root)).to.deep.equal(['Rules of the root']);
    expect(await rulesIn(join(root, 'packages/api/src'))).to.deep.equal([
      'Rules of the root',
      'Rules of the API',
    ]);
  });

  it('a worktree has its own AGENTS.md', async () => {
    const tree = join(scratch, 'tree');
    git('worktree', 'add', '--quiet', '-b', 'other', tree);
    writeFileSync(join(tree, 'AGENTS.md'), 'Rules of the worktree');

    expect(await rulesIn(join(tree, 'packages/web'))).to.deep.equal([
      'Rules of the worktree',
      'Rules of the website',
    ]);
  });

  it('a command writes to the working directory and to additional ones, not to a sibling package', async () => {
    const [api, web] = [join(root, 'packages/api'), join(root, 'packages/web')];

    await runIn(api, 'touch own; touch ../web/foreign');
    await runIn(api, 'touch ../web/added', { additionalDirectories: [web] });
    await runIn(root, 'touch packages/web/from-the-root');

    const files = ['api/own', 'web/foreign', 'web/added', 'web/from-the-root'];
    const present = files.filter((file) => existsSync(join(root, 'packages', file)));
    expect(present).to.deep.equal(['api/own', 'web/added', 'web/from-the-root']);
  });

  it('a command changes the git repository only if .git is an additional directory, and not in a worktree', async () => {
    const tree = join(scratch, 'second-tree');
    git('worktree', 'add', '--quiet', '-b', 'second', tree);
    const additionalDirectories = [join(root, '.git')];
    const command = 'git add --all && echo done';

    const outputs = [
      await runIn(root, command),
      await runIn(root, command, { additionalDirectories }),
      await runIn(tree, command),
      await runIn(tree, command, { additionalDirectories }),
    ];

    const readOnly = 'Read-only file system';
    const words = outputs.map((output = '') => /Read-only file system|done/.exec(output)?.[0]);
    expect(words).to.deep.equal([readOnly, 'done', readOnly, readOnly]);
  });

  it('one client runs threads in several packages at once', async () => {
    const codex = offline.client();
    const packages = ['api', 'web'].map((name) => join(root, 'packages', name));

    const results = await Promise.all(
      packages.map(async (workingDirectory) => codex.startThread({ workingDirectory }).run('Hi')),
    );

    expect(results.map(({ finalResponse }) => finalResponse)).to.deep.equal(['Done', 'Done']);
  });
});
