import { expect } from 'chai';
import { AsyncLocalStorage } from 'node:async_hooks';
import sinon from 'sinon';
import {
  AskApprovals,
  logTelemetry,
  telemetry,
  Tool,
  type Codex,
  type TelemetryChannel,
} from '../../lib/index.js';
import { Gate, ScriptedReply } from '../../lib/testing/index.js';
import { failure } from '../outcomes.js';
import { OfflineCodex } from '../offline-codex.js';

interface Told {
  readonly name: string;
  readonly message: object;
}

/** The channels that depend on the machine: those of single requests, and of warnings. */
const leftOut: readonly object[] = [telemetry.request, telemetry.warning];

/** The messages of all other channels, in order. */
async function told(work: () => Promise<unknown>): Promise<Told[]> {
  const messages: Told[] = [];
  const endings = Object.values(telemetry)
    .filter((channel) => !leftOut.includes(channel))
    .map((channel) =>
      (channel as unknown as TelemetryChannel<object>).subscribe((message) =>
        messages.push({ name: channel.name, message }),
      ),
    );
  await work();
  for (const end of endings) end();
  return messages;
}

class Clock {
  @Tool({ description: 'Tells the time.' })
  time(): string {
    return 'noon';
  }
}

/** Like pino: the object first, the text second, one line of JSON, and methods bound to their logger. */
class PinoLike {
  readonly lines: Record<string, unknown>[] = [];

  info(message: object, text: string): void {
    this.#write(30, message, text);
  }

  warn(message: object, text: string): void {
    this.#write(40, message, text);
  }

  #write(level: number, message: object, text: string): void {
    const line = JSON.stringify({ level, ...message, msg: text });
    this.lines.push(JSON.parse(line) as Record<string, unknown>);
  }
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

  it('reports the process, the thread, the turn and its items, in order', async () => {
    offline.model.reply(ScriptedReply.message('Hello'));
    const thread = codex.startThread({ labels: { team: 'payments' } });

    const messages = await told(async () => thread.run('Say hello'));

    const { threadId } = thread;
    expect(messages.map(({ name }) => name)).to.deep.equal([
      'codex.process',
      'codex.thread.open',
      'codex.turn.send',
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
    expect(messages[3]?.message).to.deep.include({ threadId, labels: { team: 'payments' } });
    expect(messages[4]?.message).to.include({ role: 'user', text: 'Say hello' });
    expect(messages[8]?.message).to.include({ itemType: 'agentMessage', status: null });
    expect(messages[9]?.message).to.include({ role: 'assistant', text: 'Hello' });
    expect(messages[10]?.message).to.include({ threadId, status: 'completed', errorCode: null });
  });

  it('reports a codex-rs that could not be started', async () => {
    const messages = await told(async () =>
      failure(offline.client({ codexPath: '/bin/false' }).warmUp()),
    );

    expect(messages).to.have.length(1);
    expect(messages[0]?.message).to.include({
      event: 'start-failed',
      processId: null,
      generation: 1,
      errorCode: 'process-exited',
    });
  });

  it('does not create messages without subscribers', () => {
    const make = sinon.spy(() => ({ threadId: 'T' }));

    for (const channel of Object.values(telemetry))
      (channel as unknown as TelemetryChannel<object>).publish(make);

    expect(make.callCount).to.equal(0);
  });

  it('reports every request before it is sent, without its content', async () => {
    offline.model.reply(ScriptedReply.message('Hello'));
    const requests: object[] = [];
    const stop = telemetry.request.subscribe((request) => requests.push(request));

    await codex.startThread().run('a very secret question');
    stop();

    const methods = requests.map((request) => (request as { method: string }).method);
    expect(methods.slice(0, 2)).to.deep.equal(['thread/start', 'turn/start']);
    expect(JSON.stringify(requests)).not.to.contain('secret');
  });

  it('reports how a turn is stopped', async () => {
    const gate = new Gate();
    offline.model.reply(ScriptedReply.deltas('It begins').gate(gate));
    const thread = codex.startThread();

    const messages = await told(async () => {
      for await (const event of thread.runStreamed('Go')) if (event.type === 'text.delta') break;
    });
    gate.open();

    const stop = messages.find(({ name }) => name === 'codex.turn.stop')?.message;
    expect(stop).to.include({
      threadId: thread.threadId,
      acknowledged: true,
      commandsEnded: 0,
      processRecycled: false,
    });
  });

  it('reports a tool call that is declined because the thread has no tools', async () => {
    offline.model.reply(
      ScriptedReply.message('Noon.'),
      ScriptedReply.functionCall('time', {}),
      ScriptedReply.message('Never mind.'),
    );
    const toolbox = offline.client();
    const { threadId } = await toolbox.startThread({ tools: [new Clock()] }).run('Hi');
    await toolbox.close();
    const other = offline.client();
    const thread = await other.resumeThread(threadId);

    const messages = await told(async () => thread.run('What time is it?'));

    const call = messages.find(({ name }) => name === 'codex.tool')?.message;
    expect(call).to.include({ tool: 'time', outcome: 'declined', threadId: thread.threadId });
  });

  it('publishes the text of turns on one channel only', async () => {
    offline.model.reply(ScriptedReply.message('a very secret answer'));

    const messages = await told(async () => codex.startThread().run('a very secret question'));

    const others = messages.filter(({ name }) => name !== telemetry.turnContent.name);
    expect(others).not.to.deep.equal([]);
    expect(JSON.stringify(others)).not.to.contain('secret');
  });

  it('reports the exit of codex-rs', async () => {
    const other = offline.client();
    const { processId } = await other.serverInfo();

    const messages = await told(async () => other.close());

    expect(messages).to.deep.equal([
      {
        name: 'codex.process',
        message: {
          event: 'ended',
          processId,
          generation: 1,
          errorCode: 'closed',
          message: 'The session was closed.',
        },
      },
    ]);
  });

  describe("has the asynchronous context of the turn's caller", () => {
    const request = new AsyncLocalStorage<string>();

    it('in all messages about it, also with two concurrent turns', async () => {
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
    it('logs all messages except texts of turns to a logger like pino, failures as warnings', async () => {
      offline.model.reply(ScriptedReply.status(400, { error: { message: 'no' } }));
      const logger = new PinoLike();
      const stop = logTelemetry(logger);

      await failure(codex.startThread().run('Hi'));
      stop();
      offline.model.reply(ScriptedReply.message('unheard'));
      await codex.startThread().run('Hi');

      const levels = logger.lines.map(({ level, msg }) => [level, msg]);
      expect(levels).to.deep.include.members([
        [30, 'codex.thread.open'],
        [30, 'codex.turn.start'],
        [40, 'codex.turn.end'],
      ]);
      expect(levels.filter(([level]) => level === 40)).to.have.length(1);
      expect(levels.map(([, name]) => name)).not.to.include.members(['codex.turn.content']);
      expect(levels.map(([, name]) => name)).not.to.include.members(['codex.request']);
      expect(logger.lines.at(-1)).to.include({ status: 'failed', errorCode: 'turn-failed' });
    });

    it('accepts the console', async () => {
      const info = sinon.stub(console, 'info');
      const stop = logTelemetry(console);
      offline.model.reply(ScriptedReply.message('Hello'));

      await codex.startThread().run('Hi');
      stop();
      sinon.restore();

      expect(info.args.map(([, name]) => name as string)).to.include('codex.turn.end');
    });

    for (const [level, what, channel, message] of [
      ['warn', 'a start that failed', telemetry.process, { errorCode: 'codex-not-found' }],
      ['warn', 'a process that died', telemetry.process, { errorCode: 'process-exited' }],
      ['info', 'a process that this client ended', telemetry.process, { errorCode: 'closed' }],
      ['warn', 'a tool that threw', telemetry.tool, { outcome: 'threw' }],
      ['info', 'a tool that answered', telemetry.tool, { outcome: 'completed' }],
      ['warn', 'an approval without a decision', telemetry.approval, { why: 'no-handler' }],
      ['info', 'an approval that a handler decided', telemetry.approval, { why: 'handler' }],
      ['warn', 'a refused resume', telemetry.resumeMismatch, { reason: 'stale' }],
      ['warn', 'a retry', telemetry.turnRetry, { message: 'Reconnecting... 1/5' }],
      ['warn', 'a problem', telemetry.problem, { during: 'labels' }],
      ['warn', 'a warning of codex-rs', telemetry.warning, { method: 'configWarning' }],
      ['warn', 'an MCP server that failed', telemetry.mcpServer, { status: 'failed' }],
      ['warn', 'an MCP server that is late', telemetry.mcpServer, { status: 'late' }],
      ['info', 'an MCP server that is ready', telemetry.mcpServer, { status: 'ready' }],
    ] as const)
      it(`logs ${what} as ${level}`, () => {
        const logger = { info: sinon.spy(), warn: sinon.spy() };
        const stop = logTelemetry(logger);

        (channel as unknown as TelemetryChannel<object>).publish(() => message);
        stop();

        expect(logger[level].args).to.deep.equal([[message, channel.name]]);
      });
  });
});
