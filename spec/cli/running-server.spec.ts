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

  before(async () => {
    server = await ListeningCodex.start();
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

  describe('threads', () => {
    it('shows the status of each loaded thread before its labels', async () => {
      let waiting = '';
      const approvals = new AskApprovals(async (request) => {
        waiting = (await onServer('threads')).output;
        return request.deny();
      });
      server.model.reply(
        ScriptedReply.shellCommand('touch deployed'),
        ScriptedReply.message('I did not deploy.'),
      );
      const thread = server.client({ approvals }).startThread({
        approvalPolicy: 'untrusted',
        workingDirectory: server.home.path,
        labels: { ticket: 'PAY-123', team: 'payments' },
      });
      await thread.run('Deploy it');

      const { output } = await onServer('threads');

      const labels = 'ticket=PAY-123  team=payments';
      expect(waiting).to.contain(`Deploy it\n  active, waitingOnApproval  ${labels}\n`);
      expect(output).to.contain(`Deploy it\n  idle  ${labels}\n`);
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
});
