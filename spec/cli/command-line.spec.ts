import { expect } from 'chai';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Thread } from '../../lib/index.js';
import type { ThreadExport } from '../../lib/page/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { version } from '../../lib/version.js';
import { OfflineCodex } from '../offline-codex.js';
import { storyKey, storyOn } from '../page/story.js';
import { noProcessLeft } from '../root-hooks.js';
import { CliProgram, type CliOutcome } from './cli-program.js';

describe('The program codex-threads', function () {
  this.timeout(120_000);
  let offline: OfflineCodex;
  let thread: Thread;
  let threadId: string;
  let home: string;

  before(async () => {
    offline = await OfflineCodex.start();
    home = offline.home.path;
    const codex = offline.client();
    thread = await storyOn(offline, codex);
    threadId = thread.threadId!;
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function environment(changes: Readonly<Record<string, string>> = {}): Record<string, string> {
    const inherited = Object.entries(offline.environment).filter(
      ([name]) => !['NO_COLOR', 'FORCE_COLOR'].includes(name),
    );
    return { ...Object.fromEntries(inherited), CODEX_API_KEY: storyKey, ...changes };
  }

  async function run(...args: readonly string[]): Promise<CliOutcome> {
    return CliProgram.run(args, environment());
  }

  async function onHome(...args: readonly string[]): Promise<CliOutcome> {
    return run(...args, '--codex-home', home);
  }

  it('shows its help and its version without codex-rs', async () => {
    const help = await run('--help');
    const own = await run('--version');

    expect(help).to.include({ exitCode: 0, errors: '' });
    for (const name of ['doctor', 'threads', 'show THREAD', 'export THREAD', 'tail THREAD'])
      expect(help.output).to.contain(`\n  ${name} `);
    expect(own).to.deep.equal({ exitCode: 0, output: `${version}\n`, errors: '' });
  });

  it('migrates a program of the official SDK, or only reports the changes', async () => {
    const file = join(home, 'program.ts');
    const original = "import { Codex } from '@openai/codex-sdk';\nconst codex = new Codex();\n";
    await writeFile(file, original);

    const dry = await run('migrate', file, '--dry-run');
    const untouched = await readFile(file, 'utf8');
    const wet = await run('migrate', file);

    expect(dry.exitCode).to.equal(0);
    expect(dry.errors).to.contain('After the migration, compile the program');
    expect(dry.output).to.match(/program\.ts: 1 change, 1 TODO comment\n.*program\.ts:2: .*close/);
    expect(untouched).to.equal(original);
    expect(wet.output).to.equal(dry.output);
    expect(await readFile(file, 'utf8')).to.contain("from 'codex-threads'");
  });

  it('reports the lines of the old program with --dry-run, and of the comments without', async () => {
    const file = join(home, 'two-clients.ts');
    const lines = [
      "import { Codex } from '@openai/codex-sdk';",
      'new Codex();',
      'new Codex();',
      '',
    ];
    await writeFile(file, lines.join('\n'));

    const dry = await run('migrate', file, '--dry-run');
    const wet = await run('migrate', file);

    const linesIn = ({ output }: CliOutcome): readonly number[] =>
      [...output.matchAll(/clients\.ts:(\d+):/g)].map(([, line]) => Number(line));
    expect(linesIn(dry)).to.deep.equal([2, 3]);
    expect(linesIn(wet)).to.deep.equal([2, 4]);
    const migrated = (await readFile(file, 'utf8')).split('\n');
    expect(migrated[1]).to.contain('TODO');
    expect(migrated[3]).to.contain('TODO');
  });

  it('names a path to migrate that does not exist', async () => {
    const { exitCode, errors } = await run('migrate', join(home, 'missing'));

    expect(exitCode).to.equal(2);
    expect(errors).to.contain('missing cannot be read');
  });

  it('shows the help of a command', async () => {
    const { exitCode, output } = await run('show', '--help');

    expect(exitCode).to.equal(0);
    expect(output).to.contain('Usage: codex-threads show THREAD').and.to.contain('--turns N');
  });

  it('shows its version instead of running a command', async () => {
    const outcome = await run('show', '--version');

    expect(outcome).to.deep.equal({ exitCode: 0, output: `${version}\n`, errors: '' });
  });

  it('ends with 2 and a message for an invalid command line', async () => {
    const outcomes = await Promise.all([
      run(),
      run('shwo'),
      run('show'),
      run('show', threadId, 'more'),
      run('show', threadId, '--what'),
      run('threads', '--limit', 'many'),
      run('threads', '--label', 'ticket'),
      run('export', threadId),
      run('show', threadId, '--server', 'http://host'),
      run('show', 'no-id'),
      run('migrate', home, '--codex-home', home),
    ]);

    expect(outcomes.map(({ exitCode }) => exitCode)).to.deep.equal(outcomes.map(() => 2));
    expect(outcomes.map(({ output }) => output).join('')).to.equal('');
    expect(outcomes.map(({ errors }) => errors.split('\n')[0])).to.deep.equal([
      'No command was given.',
      'Unknown command "shwo". The commands are: doctor, threads, show, export, tail, migrate.',
      'THREAD is missing. Usage: codex-threads show THREAD',
      'Unexpected argument "more". Run "codex-threads show --help".',
      `Unknown option '--what'. Run "codex-threads show --help".`,
      '--limit must be an integer, 1 or greater, got "many".',
      '--label must be NAME=VALUE, got "ticket".',
      '--html FILE is missing. Usage: codex-threads export THREAD --html FILE',
      '--server must be a URL that begins with ws://, wss:// or unix:///, got "http://host".',
      'THREAD must be the id of a thread or "last", got "no-id".',
      `Unknown option '--codex-home'. Run "codex-threads migrate --help".`,
    ]);
  });

  it('ends with 3 for a thread that does not exist', async () => {
    const unknown = '01890000-0000-7000-8000-000000000000';

    const outcomes = await Promise.all([
      onHome('show', unknown),
      onHome('tail', unknown),
      onHome('export', unknown, '--html', '-'),
    ]);

    expect(outcomes.map(({ exitCode }) => exitCode)).to.deep.equal([3, 3, 3]);
    for (const { errors } of outcomes) expect(errors).to.contain('thread-unknown');
  });

  describe('doctor', () => {
    it('prints its findings, and ends with 1 if there are problems', async () => {
      const { exitCode, output } = await onHome('doctor');

      expect(output).to.contain(home).and.to.contain('account');
      expect(output).to.match(/provider +not checked: only a turn tests the key and the network/);
      expect(exitCode).to.equal(output.includes('No problem found.') ? 0 : 1);
    });

    it('states in its help that it does not check the provider', async () => {
      const { output } = await run('doctor', '--help');

      expect(output).to.contain('does not check the model provider');
    });

    it('prints the report as JSON', async () => {
      const { output } = await onHome('doctor', '--json');

      expect(JSON.parse(output)).to.include({ home, isolation: 'user', homeIsWritable: true });
    });
  });

  describe('threads', () => {
    it('lists the threads with their labels, without colours in a pipe', async () => {
      const { exitCode, output } = await onHome('threads');

      expect(exitCode).to.equal(0);
      expect(output).to.match(
        new RegExp(
          `^${threadId}  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d  Why is the build red\\?\n  ticket=PAY-123\n$`,
        ),
      );
    });

    it('finds threads by label and by text', async () => {
      const found = await onHome('threads', '--label', 'ticket=PAY-123');
      const other = await onHome('threads', '--label', 'ticket=PAY-124');
      const said = await onHome('threads', '--search', 'did not deploy', '--json');

      expect(found.output).to.contain(threadId);
      expect(other).to.deep.equal({ exitCode: 0, output: '', errors: 'No threads found.\n' });
      const { snippet, ...listed } = JSON.parse(said.output) as Record<string, unknown>;
      expect(listed).to.deep.include({
        id: threadId,
        labels: { ticket: 'PAY-123' },
        status: { type: 'notLoaded' },
      });
      expect(snippet).to.contain('did not deploy');
    });

    it('lists the threads with a label, newest first', async () => {
      await using other = await OfflineCodex.start();
      const codex = other.client();
      other.model.reply(ScriptedReply.message('One.'), ScriptedReply.message('Two.'));
      const older = await codex.startThread({ labels: { team: 'payments' } }).run('First');
      const newer = await codex.startThread({ labels: { team: 'payments' } }).run('Second');
      const where = ['--codex-home', other.home.path];

      const { output } = await run('threads', '--label', 'team=payments', ...where);

      expect(output.match(/^[0-9a-f-]{36}/gm)).to.deep.equal([newer.threadId, older.threadId]);
    });
  });

  describe('show', () => {
    it('prints the turns with commands, diffs, plan, refusals and usage', async () => {
      const { exitCode, output, errors } = await onHome('show', threadId);

      expect({ exitCode, errors }).to.deep.equal({ exitCode: 0, errors: '' });
      expect(output).to.contain('Why is the build red?\n');
      expect(output).to.contain('ticket=PAY-123');
      expect(output).to.match(/Turn 1 {2}completed .*50 tokens in, 25 out/);
      expect(output).to.contain(
        'approvals untrusted (decided by user)  sandbox danger-full-access',
      );
      expect(output).to.match(/\$ echo "not ok \[redacted\]"; exit 3 {2}exit 3, \d+ ms/);
      expect(output).to.contain('plan Two steps.\n  [x] Find the test\n  [>] Correct the retry');
      expect(output).to.match(/changed file .*retry\.ts {2}\+1 -1\n[^]*-two\n {2}\+2\n/);
      expect(output).to.contain('tool lookup  completed');
      expect(output).to.contain('refused touch deployed');
      expect(output).to.contain('The turn failed');
    });

    it('accepts "last" for the thread that changed last, and prints its last turns', async () => {
      const { output } = await onHome('show', 'last', '--turns', '1');

      expect(output).to.contain(threadId).and.to.contain('Turn 3').and.not.to.contain('Turn 2');
    });

    it('prints everything as JSON', async () => {
      const { output } = await onHome('show', threadId, '--json');

      const { thread: read, labels } = JSON.parse(output) as ThreadExport;
      expect(read.turns).to.have.length(3);
      expect(labels).to.deep.equal({ ticket: 'PAY-123' });
      expect(output).not.to.contain(storyKey);
    });

    it('has colours with FORCE_COLOR, even with NO_COLOR', async () => {
      const env = environment({ FORCE_COLOR: '1', NO_COLOR: '1' });

      const { output } = await CliProgram.run(['show', threadId, '--codex-home', home], env);

      expect(output).to.contain('\u001b[1mWhy is the build red?\u001b[22m');
    });

    it('ends quietly when its reader closes the pipe', async () => {
      const program = new CliProgram(['show', threadId, '--codex-home', home], environment());
      program.child.stdout?.destroy();

      const { exitCode, errors } = await program.outcome();

      expect({ exitCode, errors }).to.deep.equal({ exitCode: 0, errors: '' });
    });
  });

  describe('export', () => {
    it('writes a page that only its user can read', async () => {
      const file = join(home, 'thread.html');

      const { exitCode, output, errors } = await onHome('export', threadId, '--html', file);

      expect({ exitCode, output }).to.deep.equal({ exitCode: 0, output: '' });
      expect(errors).to.match(/^Wrote .*thread\.html \(\d+ KiB\)\.\n$/);
      expect(await readFile(file, 'utf8')).to.contain('<h1>Why is the build red?</h1>');
      expect((await stat(file)).mode & 0o077).to.equal(0);
    });

    it('writes to the standard output', async () => {
      const { output } = await onHome('export', threadId, '--html', '-', '--title', 'Mine');

      expect(output).to.match(/^<!doctype html>[^]*<title>Mine<\/title>[^]*<\/html>\n$/);
    });

    it('ends with 1 if the file cannot be written', async () => {
      const { exitCode, errors } = await onHome('export', threadId, '--html', join(home, 'a/b'));

      expect(exitCode).to.equal(1);
      expect(errors).to.contain('cannot be written').and.to.contain('(file-not-written)');
    });
  });

  describe('tail', () => {
    it('follows the turn of another process to its end, without taking over the thread', async () => {
      const gate = new Gate();
      offline.model.reply(
        ScriptedReply.shellCommand('echo first'),
        ScriptedReply.gate(gate).message('All done.'),
        ScriptedReply.message('Still mine.'),
      );
      const running = offline.client().startThread({ sandboxMode: 'danger-full-access' });
      const turn = running.runStreamed('Go on');
      const result = turn.result();
      await gate.reached;
      const tail = new CliProgram(['tail', running.threadId!, '--codex-home', home], environment());
      await tail.wrote('$ echo first');
      await tail.wrote('Waiting for the turn to continue.');

      gate.open();
      await result;
      const { exitCode, output, errors } = await tail.outcome();

      expect(exitCode).to.equal(0);
      expect(output).to.contain('> Go on').and.to.contain('All done.');
      expect(errors).to.contain('The turn ended: completed.');
      expect((await running.run('Still yours?')).finalResponse).to.equal('Still mine.');
    });

    it('prints the last turn, and ends with 1 if it did not complete', async () => {
      const { exitCode, output } = await onHome('tail', threadId);

      expect(exitCode).to.equal(1);
      expect(output).to.contain('> Fail').and.not.to.contain('> Deploy it');
    });

    it('ends with 130 by Ctrl-C', async () => {
      const tail = new CliProgram(['tail', threadId, '-f', '--codex-home', home], environment());
      await tail.wrote('The turn ended');

      tail.child.kill('SIGINT');

      expect((await tail.outcome()).exitCode).to.equal(130);
    });
  });
});
