import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AskApprovals } from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { ListeningCodex } from '../remote/listening-codex.js';
import { noProcessLeft } from '../root-hooks.js';
import { CliProgram, type CliOutcome } from './cli-program.js';

describe('The program codex-threads on a running server', function () {
  this.timeout(60_000);
  let server: ListeningCodex;
  let threadId: string;

  before(async () => {
    server = await ListeningCodex.start();
    threadId = await refused(async () => Promise.resolve());
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  function environment(): Record<string, string> {
    const own = { HOME: server.home.path, CODEX_THREADS_TOKEN: server.token, NO_COLOR: '1' };
    return { ...(process.env as Record<string, string>), ...own };
  }

  async function onServer(...args: readonly string[]): Promise<CliOutcome> {
    return CliProgram.run([...args, '--server', server.url], environment());
  }

  /** Runs a turn with one command that is refused; the function is called before. Returns the thread's id. */
  async function refused(before: (threadId: string) => Promise<void>): Promise<string> {
    server.model.reply(
      ScriptedReply.shellCommand('touch deployed'),
      ScriptedReply.message('I did not deploy.'),
    );
    const approvals = new AskApprovals(async (request) => {
      await before(thread.threadId!);
      return request.deny();
    });
    const thread = server.client({ approvals }).startThread({
      approvalPolicy: 'untrusted',
      workingDirectory: server.home.path,
      labels: { ticket: 'PAY-123', team: 'payments' },
    });
    await thread.run('Deploy it');
    return thread.threadId!;
  }

  describe('threads', () => {
    it('shows the status of each loaded thread before its labels', async () => {
      let waiting = '';
      const id = await refused(async () => {
        waiting = (await onServer('threads')).output;
      });

      const { output } = await onServer('threads');

      const details = (status: string): RegExp =>
        new RegExp(`^${id}  .*  Deploy it\\n  ${status}  ticket=PAY-123  team=payments$`, 'm');
      expect(waiting).to.match(details('active, waitingOnApproval'));
      expect(output).to.match(details('idle'));
    });

    it('cuts off a title at the width of a terminal', async () => {
      server.model.reply(ScriptedReply.message('Done.'));
      const thread = server.client().startThread({ workingDirectory: server.home.path });
      await thread.run('Write the migration of the table of payments');
      const program = `${process.execPath} .build/lib/cli/bin.js threads --server ${server.url}`;

      const { stdout } = await promisify(execFile)(
        'script',
        ['--quiet', '--command', `stty columns 80 && ${program}`, '/dev/null'],
        { env: environment() },
      );

      const line = stdout.split(/\r?\n/).find((text) => text.startsWith(thread.threadId!));
      expect(line)
        .to.match(/ {2}Write the migration of …$/)
        .and.to.have.length(80);
    });
  });

  it('follows a turn to its end, without answering its approvals', async () => {
    let tail: CliProgram | undefined;
    await refused(async (running) => {
      tail = new CliProgram(['tail', running, '--server', server.url], environment());
      await tail.wrote('Waiting for the turn to continue.');
    });

    const { exitCode, output } = await tail!.outcome();

    expect(exitCode).to.equal(0);
    expect(output).to.contain('> Deploy it').and.to.contain('I did not deploy.');
  });

  it('prints and exports a thread of the server', async () => {
    const shown = await onServer('show', threadId);
    const page = await onServer('export', threadId, '--html', '-');

    expect(shown.output).to.contain('ticket=PAY-123').and.to.contain('refused touch deployed');
    expect(page.output).to.contain('<h1>Deploy it</h1>');
  });

  it('checks the server', async () => {
    const { output } = await onServer('doctor', '--json');

    expect(JSON.parse(output)).to.include({ home: server.home.path, binary: null });
  });

  it('reads over a Unix socket', async () => {
    await using socket = await server.listenOnSocket();

    const { output } = await CliProgram.run(
      ['threads', '--server', `unix://${socket.path}`],
      environment(),
    );

    expect(output).to.contain(threadId);
  });

  it('ends with 1 if the server refuses the token, which is not repeated', async () => {
    const wrong = { ...environment(), CODEX_THREADS_TOKEN: 'another-token-1234567890' };

    const { exitCode, output, errors } = await CliProgram.run(
      ['threads', '--server', server.url],
      wrong,
    );

    expect({ exitCode, output }).to.deep.equal({ exitCode: 1, output: '' });
    expect(errors).to.contain('(unauthorized)').and.not.to.contain('another-token');
  });

  it('rejects the home of a client', async () => {
    const { exitCode, errors } = await onServer('threads', '--codex-home', server.home.path);

    expect(exitCode).to.equal(2);
    expect(errors).to.contain('--codex-home cannot be combined with --server');
  });
});
