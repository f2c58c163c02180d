import { expect } from 'chai';
import { IsString } from 'class-validator';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sinon from 'sinon';
import {
  AllowApprovals,
  ApprovalHandler,
  AskApprovals,
  DenyApprovals,
  Tool,
  ToolsChangedError,
  telemetry,
  type TelemetryMessages,
  type Codex,
  type ToolContext,
  type TurnEvent,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';
import { noProcessLeft } from '../root-hooks.js';

class Ticket {
  @IsString()
  id!: string;
}

class Tickets {
  readonly contexts: ToolContext[] = [];

  @Tool({ description: 'Looks a ticket up.', input: Ticket })
  lookup({ id }: Ticket, context: ToolContext): string {
    this.contexts.push(context);
    return `${id} is open`;
  }
}

class OtherTickets {
  @Tool({ description: 'Closes a ticket.', input: Ticket })
  close({ id }: Ticket): string {
    return `${id} is closed`;
  }
}

async function threadsOf(codex: Codex): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { threadId } of codex.listThreads()) ids.push(threadId);
  return ids.sort();
}

describe('A thread of the client', function () {
  this.timeout(20_000);
  let offline: OfflineCodex;
  let codex: Codex;
  let count = 0;

  before(async () => {
    offline = await OfflineCodex.start();
  });

  beforeEach(() => {
    codex = offline.client({ approvals: new DenyApprovals() });
    count += 1;
  });

  afterEach(async () => {
    await codex.close();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
    await noProcessLeft();
  });

  describe('asks', () => {
    const settings = { approvalPolicy: 'untrusted', sandboxMode: 'danger-full-access' } as const;

    function touching(): { file: string; reply: ScriptedReply } {
      const file = join(offline.home.path, `touched-${count}`);
      return { file, reply: ScriptedReply.shellCommand(`touch ${file}`) };
    }

    it('the handler of the client by default', async () => {
      const { file, reply } = touching();
      offline.model.reply(reply, ScriptedReply.message('Done'));

      await codex.startThread(settings).run('touch');

      expect(existsSync(file)).to.equal(false);
    });

    it('the handler of the thread before that of the client', async () => {
      const { file, reply } = touching();
      offline.model.reply(reply, ScriptedReply.message('Done'));
      const thread = codex
        .thread()
        .withOptions(settings)
        .withApprovals(new AllowApprovals())
        .build();

      await thread.run('touch');

      expect(existsSync(file)).to.equal(true);
    });

    it('the handler of the turn before that of the thread, with an event', async () => {
      const { file, reply } = touching();
      offline.model.reply(reply, ScriptedReply.message('Done'));
      const asked = sinon.spy();
      const approvals = new AskApprovals(async (request) => {
        asked(request);
        return Promise.resolve(request.deny('not today'));
      });
      const reports: TelemetryMessages['approval'][] = [];
      const forget = telemetry.approval.subscribe((report) => reports.push(report));
      const turn = codex
        .startThread({ ...settings, approvals: new AllowApprovals(), labels: { team: 'payments' } })
        .runStreamed('touch', { approvals });
      const events: TurnEvent[] = [];

      for await (const event of turn) events.push(event);
      forget();

      expect(existsSync(file)).to.equal(false);
      expect(asked.calledOnce).to.equal(true);
      expect(asked.firstCall.args[0]).to.deep.include({
        kind: 'command',
        labels: { team: 'payments' },
      });
      expect(reports[0]).to.include({ decision: 'deny', reason: 'not today', why: 'handler' });
      expect(events.map(({ type }) => type)).to.include.members([
        'approval.requested',
        'approval.resolved',
      ]);
    });

    it('a handler that throws, which declines', async () => {
      const { file, reply } = touching();
      offline.model.reply(reply, ScriptedReply.message('Done'));
      const approvals = sinon.createStubInstance(ApprovalHandler);
      approvals.handle.rejects(new Error('broken'));

      const { finalResponse } = await codex.startThread({ ...settings, approvals }).run('touch');

      expect(finalResponse).to.equal('Done');
      expect(existsSync(file)).to.equal(false);
    });
  });

  describe('has tools', () => {
    it('that the model calls in this process, even after a restart and a resume', async () => {
      offline.model.reply(
        ScriptedReply.functionCall('lookup', { id: 'PAY-1' }),
        ScriptedReply.message('One'),
        ScriptedReply.functionCall('lookup', { id: 'PAY-2' }),
        ScriptedReply.message('Two'),
      );
      const tickets = new Tickets();
      const thread = codex.thread().withTools(tickets).withLabels({ team: 'payments' }).build();

      const { threadId, turnId } = await thread.run('Look it up');
      expect(offline.model.requests.at(-1)?.toolOutputs.at(-1)?.text).to.equal('PAY-1 is open');
      expect(tickets.contexts[0]).to.deep.include({
        threadId,
        turnId,
        labels: { team: 'payments' },
      });
      await codex.close();

      await using elsewhere = offline.client();
      const resumed = await elsewhere.thread().withTools(tickets).resume(threadId);
      await resumed.run('Look the other up');
      expect(offline.model.requests.at(-1)?.toolOutputs.at(-1)?.text).to.equal('PAY-2 is open');
    });

    it('of the value that resumed it, while it is still loaded', async () => {
      const [mine, theirs] = [new Tickets(), new Tickets()];
      offline.model.reply(
        ScriptedReply.functionCall('lookup', { id: 'PAY-1' }),
        ScriptedReply.message('One'),
        ScriptedReply.functionCall('lookup', { id: 'PAY-2' }),
        ScriptedReply.message('Two'),
        ScriptedReply.functionCall('lookup', { id: 'PAY-3' }),
        ScriptedReply.message('Three'),
      );
      const thread = codex.thread().withTools(mine).build();
      const { threadId } = await thread.run('Look it up');
      const again = await codex.thread().withTools(theirs).resume(threadId);

      await again.run('Look the other up');
      await thread.run('And the last one');

      expect([mine.contexts.length, theirs.contexts.length]).to.deep.equal([2, 1]);
      expect(offline.model.requests.at(-1)?.toolOutputs.map(({ text }) => text)).to.deep.equal([
        'PAY-1 is open',
        'PAY-2 is open',
        'PAY-3 is open',
      ]);
    });

    it('of its own only: its model gets no others, and nothing is sent', async () => {
      offline.model.reply(ScriptedReply.message('One'));
      const thread = codex.thread().withTools(new Tickets()).build();
      const { threadId } = await thread.run('Hi');
      const asked = offline.model.requests.length;
      const again = await codex.thread().withTools(new OtherTickets()).resume(threadId);

      const errors = [
        await failure(again.run('Hi')),
        await failure(thread.clone({ options: { tools: [new OtherTickets()] } }).run('Hi')),
      ];

      expect(errors.every((error) => ToolsChangedError.is(error))).to.equal(true);
      expect(offline.model.requests).to.have.length(asked);
    });

    it('whose invalid arguments are returned to the model as a failed call', async () => {
      offline.model.reply(
        ScriptedReply.functionCall('lookup', { id: 7 }),
        ScriptedReply.message('Oh'),
      );
      const tickets = new Tickets();

      const { finalResponse } = await codex.thread().withTools(tickets).build().run('Look it up');

      expect(finalResponse).to.equal('Oh');
      expect(tickets.contexts).to.deep.equal([]);
      expect(offline.model.requests.at(-1)?.toolOutputs.at(-1)?.text).to.contain('id');
    });

    it('that its forks share, bound to the same objects', async () => {
      offline.model.reply(
        ScriptedReply.message('One'),
        ScriptedReply.functionCall('lookup', { id: 'PAY-4' }),
        ScriptedReply.message('Two'),
        ScriptedReply.functionCall('lookup', { id: 'PAY-5' }),
        ScriptedReply.message('Three'),
      );
      const tickets = new Tickets();
      const thread = codex.thread().withTools(tickets).build();
      await thread.run('Hi');

      const fork = await thread.fork();
      await fork.run('Look it up');
      const passing = await thread.fork({ ephemeral: true });
      await passing.run('Look the other up');
      const before = await threadsOf(codex);
      const refused = await failure(thread.fork({ tools: [new OtherTickets()] }));

      expect(tickets.contexts.map(({ threadId }) => threadId)).to.deep.equal([
        fork.threadId,
        passing.threadId,
      ]);
      expect(ToolsChangedError.is(refused) && refused.difference.added).to.deep.equal(['close']);
      expect(await threadsOf(codex)).to.deep.equal(before);
    });

    it('that cannot be added on resume, where a new one is a typed error', async () => {
      offline.model.reply(ScriptedReply.message('One'));
      const { threadId } = await codex.thread().withTools(new Tickets()).build().run('Hi');
      await codex.close();

      await using elsewhere = offline.client();
      const resumed = await elsewhere.thread().withTools(new OtherTickets()).resume(threadId);

      expect(await failure(resumed.run('Hi'))).to.be.instanceOf(ToolsChangedError);
    });
  });
});
