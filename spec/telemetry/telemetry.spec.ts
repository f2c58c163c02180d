import { expect } from 'chai';
import { AsyncLocalStorage } from 'node:async_hooks';
import sinon from 'sinon';
import {
  AskApprovals,
  logTelemetry,
  telemetry,
  type Codex,
  type TelemetryChannel,
} from '../../lib/index.js';
import { ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../failure.js';
import { OfflineCodex } from '../offline-codex.js';

interface Told {
  readonly name: string;
  readonly message: object;
}

/** What all channels tell while the work is done, in order. */
async function told(work: () => Promise<unknown>): Promise<Told[]> {
  const messages: Told[] = [];
  const endings = Object.values(telemetry).map((channel) =>
    (channel as unknown as TelemetryChannel<object>).subscribe((message) =>
      messages.push({ name: channel.name, message }),
    ),
  );
  await work();
  for (const end of endings) end();
  return messages;
}

describe('telemetry on the real codex-rs', function () {
  this.timeout(15_000);
  let offline: OfflineCodex;
  let codex: Codex;

  before(async () => {
    offline = await OfflineCodex.start();
    codex = offline.client();
  });

  after(async () => {
    await offline[Symbol.asyncDispose]();
  });

  it('tells of the process, the thread, the turn and its items, in order', async () => {
    offline.model.reply(ScriptedReply.message('Hello'));
    const thread = codex.startThread({ labels: { team: 'payments' } });

    const messages = await told(async () => thread.run('Say hello'));

    const { threadId } = thread;
    expect(messages.map(({ name }) => name)).to.deep.equal([
      'codex.process',
      'codex.thread.open',
      'codex.turn.start',
      'codex.turn.content',
      'codex.item.start',
      'codex.item.end',
      'codex.item.start',
      'codex.item.end',
      'codex.turn.content',
      'codex.turn.end',
    ]);
    expect(messages[0]?.message).to.include({ event: 'started', generation: 1, errorCode: null });
    expect(messages[1]?.message).to.include({ threadId, isNew: true, generation: 1 });
    expect(messages[2]?.message).to.deep.include({ threadId, labels: { team: 'payments' } });
    expect(messages[3]?.message).to.include({ role: 'user', text: 'Say hello' });
    expect(messages[7]?.message).to.include({ itemType: 'agentMessage', status: null });
    expect(messages[8]?.message).to.include({ role: 'assistant', text: 'Hello' });
    expect(messages[9]?.message).to.include({ threadId, status: 'completed', errorCode: null });
  });

  it('tells what was said on one channel only', async () => {
    offline.model.reply(ScriptedReply.message('a very secret answer'));

    const messages = await told(async () => codex.startThread().run('a very secret question'));

    const others = messages.filter(({ name }) => name !== telemetry.turnContent.name);
    expect(others).not.to.deep.equal([]);
    expect(JSON.stringify(others)).not.to.contain('secret');
  });

  it('tells of a codex-rs that is gone', async () => {
    const other = offline.client();
    const { processId } = await other.serverInfo();

    const messages = await told(async () => other.close());

    expect(messages).to.deep.equal([
      {
        name: 'codex.process',
        message: { event: 'ended', processId, generation: 1, errorCode: 'closed' },
      },
    ]);
  });

  describe('has the asynchronous context of whoever asked for the turn', () => {
    const request = new AsyncLocalStorage<string>();

    it('in every message about it, also with two at once', async () => {
      offline.model.reply(ScriptedReply.message('One'), ScriptedReply.message('Two'));
      const seen = new Map<string | null, Set<string | undefined>>();
      const note = ({ threadId }: { readonly threadId: string | null }): void => {
        seen.set(threadId, (seen.get(threadId) ?? new Set()).add(request.getStore()));
      };
      const { turnStart, itemStart, itemEnd, turnEnd } = telemetry;
      const endings = [
        turnStart.subscribe(note),
        itemStart.subscribe(note),
        itemEnd.subscribe(note),
        turnEnd.subscribe(note),
      ];
      const threads = [codex.startThread(), codex.startThread()];

      await Promise.all(
        threads.map(async (thread, index) =>
          request.run(`request ${index}`, async () => thread.run('Hi')),
        ),
      );
      for (const end of endings) end();

      expect(threads.map(({ threadId }) => [...(seen.get(threadId) ?? [])])).to.deep.equal([
        ['request 0'],
        ['request 1'],
      ]);
    });

    it('in an approval handler', async () => {
      offline.model.reply(ScriptedReply.shellCommand('true'), ScriptedReply.message('Done'));
      const seen = sinon.spy();
      const approvals = new AskApprovals(async (asked) => {
        seen(request.getStore());
        return Promise.resolve(asked.deny());
      });
      const thread = codex.startThread({ approvals, approvalPolicy: 'untrusted' });

      await request.run('the request', async () => thread.run('Go'));

      expect(seen.args).to.deep.equal([['the request']]);
    });
  });

  describe('logTelemetry', () => {
    it('logs every message but what was said, and what went wrong as a warning', async () => {
      offline.model.reply(ScriptedReply.status(400, { error: { message: 'no' } }));
      const logger = { info: sinon.spy(), warn: sinon.spy() };
      const stop = logTelemetry(logger);

      await failure(codex.startThread().run('Hi'));
      stop();
      offline.model.reply(ScriptedReply.message('unheard'));
      await codex.startThread().run('Hi');

      const names = logger.info.args.map(([, name]) => name as string);
      expect(names).to.include.members(['codex.thread.open', 'codex.turn.start']);
      expect(names).not.to.include('codex.turn.content');
      expect(logger.warn.args.map(([, name]) => name as string)).to.deep.equal(['codex.turn.end']);
    });
  });
});
